namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// The layout of a pack file, defined once: the desktop writer and the device reader both use these constants.
    /// All numbers are little-endian 32-bit words; every section begins at a multiple of 16 bytes. The sections follow
    /// each other in the order header, tensor table, layer records, metadata, weights. docs/pack-format.md explains
    /// each field in prose.
    /// </summary>
    public static class PackFormat
    {
        /// <summary>"TAI1" read as a little-endian word.</summary>
        public const int Magic = 0x31494154;
        /// <summary>Format version this code writes and reads.</summary>
        public const int Version = 1;
        /// <summary>Every section and every weight block begins at a multiple of this.</summary>
        public const int Alignment = 16;
        /// <summary>No pack has more activation blocks than this.</summary>
        public const int MaxBlocks = 8;
        /// <summary>Largest number of tensor dimensions.</summary>
        public const int MaxRank = 6;
        /// <summary>No layer has more parameter words than this.</summary>
        public const int MaxParameterWords = 64;
        /// <summary>Bytes of the header.</summary>
        public const int HeaderBytes = 160;

        // Header fields: byte offsets from the start of the file.

        /// <summary>The magic number.</summary>
        public const int MagicAt = 0;
        /// <summary>The format version.</summary>
        public const int VersionAt = 4;
        /// <summary>Bytes of the whole pack.</summary>
        public const int TotalBytesAt = 8;
        /// <summary>CRC-32 of everything from <see cref="CrcFrom"/> to the end of the pack.</summary>
        public const int CrcAt = 12;
        /// <summary>First byte that the CRC covers.</summary>
        public const int CrcFrom = 16;
        /// <summary>Number of layer records.</summary>
        public const int LayerCountAt = 16;
        /// <summary>Byte offset of the first layer record.</summary>
        public const int LayersAt = 20;
        /// <summary>Bytes of all layer records together.</summary>
        public const int LayersBytesAt = 24;
        /// <summary>Parameter words of the layer that has most.</summary>
        public const int ParameterWordsAt = 28;
        /// <summary>Bytes of the paging window: no single read of the running session is larger.</summary>
        public const int WindowBytesAt = 32;
        /// <summary>Number of activation blocks.</summary>
        public const int BlockCountAt = 36;
        /// <summary>Byte offset of the tensor table.</summary>
        public const int TensorsAt = 40;
        /// <summary>Number of input tensors, first in the tensor table.</summary>
        public const int InputCountAt = 44;
        /// <summary>Number of output tensors, next in the tensor table.</summary>
        public const int OutputCountAt = 48;
        /// <summary>Number of state tensors, last in the tensor table.</summary>
        public const int StateCountAt = 52;
        /// <summary>Byte offset of the metadata.</summary>
        public const int MetadataAt = 56;
        /// <summary>Bytes of the metadata.</summary>
        public const int MetadataBytesAt = 60;
        /// <summary>Byte offset of the weights.</summary>
        public const int WeightsAt = 64;
        /// <summary>Bytes of the weights.</summary>
        public const int WeightsBytesAt = 68;
        /// <summary>Managed heap that a session takes when it reads through a paging window, by the packer's account.</summary>
        public const int SessionBytesAt = 72;
        /// <summary>Multiply-accumulates of one run, low word.</summary>
        public const int MacsLowAt = 76;
        /// <summary>Multiply-accumulates of one run, high word.</summary>
        public const int MacsHighAt = 80;
        /// <summary>Byte offset of the input normalisation, or 0 where there is none.</summary>
        public const int NormalisationAt = 84;
        /// <summary>Channels of the input normalisation.</summary>
        public const int NormalisationChannelsAt = 88;
        /// <summary>Byte offset of the labels, or 0 where there are none.</summary>
        public const int LabelsAt = 92;
        /// <summary>Number of labels.</summary>
        public const int LabelCountAt = 96;
        /// <summary>
        /// Byte offset of the goldens, or 0 where there are none. Each is the bytes of all inputs, padded to a word, and then
        /// for each layer the CRC-32 of its output.
        /// </summary>
        public const int GoldensAt = 100;
        /// <summary>Number of goldens.</summary>
        public const int GoldenCountAt = 104;
        /// <summary>1 where a session with layers in lane form keeps the layer records as arrays, 0 where it reads a record each time it runs the layer.</summary>
        public const int RecordsKeptAt = 108;
        /// <summary>MaxBlocks words: bytes of each activation block.</summary>
        public const int BlockSizesAt = 128;

        // Tensor table entries: byte offsets from the start of the entry.

        /// <summary>Bytes of a tensor table entry.</summary>
        public const int TensorBytes = 64;
        /// <summary>Element type in the session, one of the Type constants.</summary>
        public const int TensorTypeAt = 0;
        /// <summary>Element type in the original model; float where the desktop tool converts.</summary>
        public const int TensorModelTypeAt = 4;
        /// <summary>Activation block that holds the tensor.</summary>
        public const int TensorBlockAt = 8;
        /// <summary>Byte offset in that block.</summary>
        public const int TensorOffsetAt = 12;
        /// <summary>Bytes of the tensor.</summary>
        public const int TensorSizeAt = 16;
        /// <summary>Scale, as the bits of an IEEE single; 0 where the tensor is not quantised.</summary>
        public const int TensorScaleAt = 20;
        /// <summary>Zero point.</summary>
        public const int TensorZeroPointAt = 24;
        /// <summary>Number of dimensions.</summary>
        public const int TensorRankAt = 28;
        /// <summary>MaxRank words: the dimensions, outermost first.</summary>
        public const int TensorDimensionsAt = 32;
        /// <summary>State tensors: byte offset of the initial values, or 0 where all elements are the zero point.</summary>
        public const int TensorInitialAt = 56;
        /// <summary>
        /// Inputs: bytes of it that memory holds at a time where the plan streams it (see <see cref="KindRowGroup"/>), else 0.
        /// </summary>
        public const int TensorHeldAt = 60;

        // Element types.

        /// <summary>Signed 8-bit integer.</summary>
        public const int TypeInt8 = 1;
        /// <summary>Unsigned 8-bit integer.</summary>
        public const int TypeUInt8 = 2;
        /// <summary>Signed 16-bit integer, little-endian.</summary>
        public const int TypeInt16 = 3;
        /// <summary>Signed 32-bit integer, little-endian.</summary>
        public const int TypeInt32 = 4;
        /// <summary>IEEE single: only ever the type of a tensor in the original model.</summary>
        public const int TypeFloat32 = 5;

        /// <summary>64-bit integer; only as a model type, the session has int32.</summary>
        public const int TypeInt64 = 6;

        /// <summary>Real number as <see cref="TypeFloat32"/> that is rounded half to even at the border, as ONNX does; only as a model type.</summary>
        public const int TypeFloat32Even = 7;

        // Layer records: word indices in the record's header, followed by the kernel's own parameters.

        /// <summary>Words before the kernel's parameters.</summary>
        public const int LayerHeaderWords = 20;
        /// <summary>One of the Kind constants.</summary>
        public const int LayerKind = 0;
        /// <summary>Parameter words that follow this header; the record is padded to a multiple of 16 bytes.</summary>
        public const int LayerParameterWords = 1;
        /// <summary>Output rows (or positions) of the layer, the unit in which kernels can be asked for a part.</summary>
        public const int LayerRows = 2;
        /// <summary>Byte offset of the layer's constants in the pack, or 0.</summary>
        public const int LayerWeightsAt = 3;
        /// <summary>Bytes of the layer's constants.</summary>
        public const int LayerWeightsBytes = 4;
        /// <summary>Bytes of one channel's block, or 0 where the constants are one piece.</summary>
        public const int LayerBlockBytes = 5;
        /// <summary>Index of the operator in the original model that this layer comes from, for reports.</summary>
        public const int LayerOrigin = 6;
        /// <summary>
        /// Lane kinds: 1 and up where the session keeps the layer's lanes, each number once; 0 where it makes them at
        /// every run. Other kinds: 0.
        /// </summary>
        public const int LayerSlot = 7;
        /// <summary>Input: activation block, byte offset, bytes; -1, 0, 0 where there is none.</summary>
        public const int LayerInput = 8;
        /// <summary>Second input, likewise.</summary>
        public const int LayerInput2 = 11;
        /// <summary>Output, likewise.</summary>
        public const int LayerOutput = 14;
        /// <summary>State and scratch of the layer, likewise.</summary>
        public const int LayerScratch = 17;

        // Layer kinds. Never renumber: packs in the field carry them.

        /// <summary>Kernels.Conv2D.</summary>
        public const int KindConv2D = 1;
        /// <summary>Kernels.DepthwiseConv2D.</summary>
        public const int KindDepthwiseConv2D = 2;
        /// <summary>Kernels.FullyConnected.</summary>
        public const int KindFullyConnected = 3;
        /// <summary>Kernels.MaxPool2D.</summary>
        public const int KindMaxPool2D = 4;
        /// <summary>Kernels.AveragePool2D.</summary>
        public const int KindAveragePool2D = 5;
        /// <summary>Kernels.Add, also subtraction.</summary>
        public const int KindAdd = 6;
        /// <summary>Kernels.Mul.</summary>
        public const int KindMul = 7;
        /// <summary>Kernels.SquaredDifference.</summary>
        public const int KindSquaredDifference = 8;
        /// <summary>Kernels.Mean, also sum.</summary>
        public const int KindMean = 9;
        /// <summary>Kernels.Softmax.</summary>
        public const int KindSoftmax = 10;
        /// <summary>Kernels.Lookup: any function of one int8 value.</summary>
        public const int KindLookup = 11;
        /// <summary>Kernels.Convert: integer to integer quantisation.</summary>
        public const int KindConvert = 12;
        /// <summary>Kernels.StridedCopy: everything that only moves elements.</summary>
        public const int KindStridedCopy = 13;
        /// <summary>Kernels.Fill: padding.</summary>
        public const int KindFill = 14;
        /// <summary>Kernels.ResizeNearest.</summary>
        public const int KindResizeNearest = 15;
        /// <summary>Kernels.BatchMatMul.</summary>
        public const int KindBatchMatMul = 16;
        /// <summary>Kernels.Lstm.</summary>
        public const int KindLstm = 17;
        /// <summary>Kernels.Svdf.</summary>
        public const int KindSvdf = 18;
        /// <summary>Copies constants into an activation tensor.</summary>
        public const int KindConstant = 19;
        /// <summary>Kernels.TransposeConv2D.</summary>
        public const int KindTransposeConv2D = 20;
        /// <summary>Kernels.PRelu.</summary>
        public const int KindPRelu = 21;
        /// <summary>Kernels.MinMax: element-wise minimum or maximum.</summary>
        public const int KindMinMax = 22;
        /// <summary>Kernels.ResizeBilinear.</summary>
        public const int KindResizeBilinear = 23;
        /// <summary>Kernels.L2Normalise.</summary>
        public const int KindL2Normalise = 24;
        /// <summary>Kernels.Div.</summary>
        public const int KindDiv = 40;
        /// <summary>Kernels.Conv2DInt16: convolutions and fully connected layers on 16-bit activations.</summary>
        public const int KindConv2DInt16 = 41;
        /// <summary>Kernels.Pool2DInt16.</summary>
        public const int KindPool2DInt16 = 42;
        /// <summary>Kernels.SoftmaxInt16.</summary>
        public const int KindSoftmaxInt16 = 43;
        /// <summary>Kernels.Conv2DLanes.</summary>
        public const int KindConv2DLanes = 60;
        /// <summary>Kernels.DepthwiseConv2DLanes.</summary>
        public const int KindDepthwiseConv2DLanes = 61;
        /// <summary>Kernels.FullyConnectedLanes.</summary>
        public const int KindFullyConnectedLanes = 62;
        /// <summary>Kernels.DepthwiseTapsLanes.</summary>
        public const int KindDepthwiseTapsLanes = 63;
        /// <summary>Kernels.BatchMatMulLanes.</summary>
        public const int KindBatchMatMulLanes = 64;
        /// <summary>Kernels.GroupNorm: also LayerNorm and RMSNorm.</summary>
        public const int KindGroupNorm = 80;
        /// <summary>Kernels.CausalSoftmax: softmax with masks, and over long rows.</summary>
        public const int KindCausalSoftmax = 81;
        /// <summary>Kernels.Gather: slices by indices that are known at run time.</summary>
        public const int KindGather = 82;
        /// <summary>Kernels.ArgMinMax.</summary>
        public const int KindArgMinMax = 83;
        /// <summary>Kernels.Rotary.</summary>
        public const int KindRotary = 84;
        /// <summary>Kernels.Cache.</summary>
        public const int KindCache = 85;
        /// <summary>Kernels.Gru.</summary>
        public const int KindGru = 86;
        /// <summary>Kernels.Liquid.</summary>
        public const int KindLiquid = 87;
        /// <summary>
        /// The layers that follow run row by row, as the steps in this record's constants say: a table of streams, a table of
        /// members, then the steps. Streams are tensors of which memory holds only the rows that are still needed.
        /// </summary>
        public const int KindRowGroup = 100;
        /// <summary>Kernels.MeanRows: reduction of a whole image, row by row.</summary>
        public const int KindMeanRows = 101;

        // Row groups: parameters of the record.

        /// <summary>Number of streams, at most <see cref="MaxStreams"/>.</summary>
        public const int GroupStreams = 0;
        /// <summary>Number of layers that belong to the group: those whose records follow.</summary>
        public const int GroupMembers = 1;
        /// <summary>Number of steps.</summary>
        public const int GroupSteps = 2;
        /// <summary>The stream that holds the model's input, which the caller feeds by rows, or -1.</summary>
        public const int GroupFed = 3;
        /// <summary>Number of parameters.</summary>
        public const int GroupParameters = 4;
        /// <summary>No group has more streams.</summary>
        public const int MaxStreams = 120;
        /// <summary>No group has more members.</summary>
        public const int MaxMembers = 120;

        // An entry of the stream table, in words.

        /// <summary>Words of the entry.</summary>
        public const int StreamWords = 4;
        /// <summary>Activation block.</summary>
        public const int StreamBlock = 0;
        /// <summary>Byte offset in the block.</summary>
        public const int StreamOffset = 1;
        /// <summary>Bytes that memory holds at a time.</summary>
        public const int StreamHeld = 2;
        /// <summary>Bytes that a slide by one drops at the front.</summary>
        public const int StreamUnit = 3;

        // An entry of the member table, in words. Four words per operand stand in the order input, second input, output, scratch.

        /// <summary>Words of the entry.</summary>
        public const int MemberWords = 26;
        /// <summary>Words of the entry that running needs; the others say which bytes a step touches, for whoever checks.</summary>
        public const int MemberRunWords = 10;
        /// <summary>Byte offset of the layer's record, counted from the group's.</summary>
        public const int MemberRecord = 0;
        /// <summary>Rows that a step of one computes.</summary>
        public const int MemberUnit = 1;
        /// <summary>Per operand: the stream it lies in, or -1.</summary>
        public const int MemberStream = 2;
        /// <summary>Per operand: byte of the stream's tensor at which the operand begins.</summary>
        public const int MemberPlace = 6;
        /// <summary>Per operand: bytes of the operand. A row touches only bytes of it.</summary>
        public const int MemberBytes = 10;
        /// <summary>Per operand: row r touches bytes r * step + low to r * step + high - 1 of it.</summary>
        public const int MemberStep = 14;
        /// <summary>See <see cref="MemberStep"/>.</summary>
        public const int MemberLow = 18;
        /// <summary>See <see cref="MemberStep"/>.</summary>
        public const int MemberHigh = 22;

        // Steps: two bytes each, what to do and how often.

        /// <summary>Bytes of a step.</summary>
        public const int StepBytes = 2;
        /// <summary>From this number on a step slides a stream; below it, it runs a member.</summary>
        public const int StepSlide = 128;
        /// <summary>The step that waits for so many rows of input.</summary>
        public const int StepFeed = 255;
    }
}
