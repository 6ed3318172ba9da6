using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// Decides whether a pack may be run: magic, version, length, CRC-32, then the bounds of every section, tensor and
    /// layer record, so that a session can follow the pack without looking again. Reads in slices of at most 128 bytes.
    /// </summary>
    internal static class PackCheck
    {
        private const int Slice = 128;

        /// <summary>Checks everything and returns the model's name.</summary>
        internal static string Run(IPackSource source)
        {
            if (source.Length < PackFormat.HeaderBytes)
                throw new PackException("The pack has " + source.Length + " bytes; its header alone takes " + PackFormat.HeaderBytes + ".");
            int magic = Model.ReadWord(source, PackFormat.MagicAt);
            if (magic != PackFormat.Magic)
                throw new PackException("The magic number is 0x" + magic.ToString("X8") + ", not that of a TinyAI pack.");
            int version = Model.ReadWord(source, PackFormat.VersionAt);
            if (version != PackFormat.Version)
                throw new PackException("The format version is " + version + "; this runtime reads " + PackFormat.Version + ". Pack the model again.");
            int total = Model.ReadWord(source, PackFormat.TotalBytesAt);
            if (total < PackFormat.HeaderBytes || total > source.Length)
                throw new PackException("The length field says " + total + " bytes, the source has " + source.Length + ": the pack was cut or overwritten.");
            CheckCrc(source, total);

            int tensors = Section(source, PackFormat.TensorsAt, PackFormat.HeaderBytes, total, "tensor table offset");
            int layers = Section(source, PackFormat.LayersAt, tensors, total, "layer offset");
            int layersBytes = Model.ReadWord(source, PackFormat.LayersBytesAt);
            int metadata = Section(source, PackFormat.MetadataAt, layers, total, "metadata offset");
            int metadataBytes = Model.ReadWord(source, PackFormat.MetadataBytesAt);
            int weights = Section(source, PackFormat.WeightsAt, metadata, total, "weights offset");
            int weightsBytes = Model.ReadWord(source, PackFormat.WeightsBytesAt);
            if (layersBytes < 0 || layersBytes > metadata - layers)
                throw new PackException("The layer records claim " + layersBytes + " bytes and run into the metadata.");
            if (metadataBytes < 4 || metadataBytes > weights - metadata)
                throw new PackException("The metadata claims " + metadataBytes + " bytes and runs into the weights.");
            if (weightsBytes < 0 || weightsBytes > total - weights)
                throw new PackException("The weights claim " + weightsBytes + " bytes and run over the end of the pack.");

            int blockCount = Counted(source, PackFormat.BlockCountAt, 0, PackFormat.MaxBlocks, "block count");
            for (int i = 0; i < blockCount; i++)
                Counted(source, PackFormat.BlockSizesAt + 4 * i, 0, 0x1000000, "size of an activation block");
            Counted(source, PackFormat.ParameterWordsAt, 0, PackFormat.MaxParameterWords, "parameter word count");
            Counted(source, PackFormat.WindowBytesAt, PackFormat.LayerHeaderWords * 4, 0x1000000, "window size");
            CheckTensors(source, tensors, layers);
            CheckLayers(source, layers, layersBytes, weights, weights + weightsBytes);
            CheckMetadata(source, metadata, metadata + metadataBytes);
            return Model.Text(source, metadata);
        }

        private static void CheckCrc(IPackSource source, int total)
        {
            Crc32 crc = new Crc32();
            int value = 0;
            for (int at = PackFormat.CrcFrom; at < total; at += Slice)
            {
                int count = total - at < Slice ? total - at : Slice;
                byte[] data = source.Fetch(at, count);
                value = crc.Update(value, data, source.Start, count);
            }
            int stored = Model.ReadWord(source, PackFormat.CrcAt);
            if (value != stored)
                throw new PackException("The CRC-32 is 0x" + value.ToString("X8") + ", the pack says 0x" + stored.ToString("X8") + ": the pack is corrupted.");
        }

        private static int Section(IPackSource source, int field, int from, int total, string name)
        {
            int at = Model.ReadWord(source, field);
            if (at < from || at > total || at % PackFormat.Alignment != 0)
                throw new PackException("The " + name + " is " + at + ", outside " + from + ".." + total + " or not a multiple of " + PackFormat.Alignment + ".");
            return at;
        }

        private static int Counted(IPackSource source, int field, int from, int to, string name)
        {
            int value = Model.ReadWord(source, field);
            if (value < from || value > to)
                throw new PackException("The " + name + " is " + value + ", outside " + from + ".." + to + ".");
            return value;
        }

        private static void CheckTensors(IPackSource source, int tensors, int end)
        {
            int limit = (end - tensors) / PackFormat.TensorBytes;
            int inputs = Counted(source, PackFormat.InputCountAt, 0, limit, "input count");
            int outputs = Counted(source, PackFormat.OutputCountAt, 0, limit - inputs, "output count");
            int states = Counted(source, PackFormat.StateCountAt, 0, limit - inputs - outputs, "state count");
            for (int i = 0; i < inputs + outputs + states; i++)
            {
                int at = tensors + i * PackFormat.TensorBytes;
                int size = Model.ReadWord(source, at + PackFormat.TensorSizeAt);
                CheckPlace(source, Model.ReadWord(source, at + PackFormat.TensorBlockAt), Model.ReadWord(source, at + PackFormat.TensorOffsetAt), size, "tensor " + i);
                int type = Counted(source, at + PackFormat.TensorTypeAt, PackFormat.TypeInt8, PackFormat.TypeInt32, "type of tensor " + i);
                Counted(source, at + PackFormat.TensorModelTypeAt, PackFormat.TypeInt8, PackFormat.TypeFloat32Even, "model type of tensor " + i);
                int rank = Counted(source, at + PackFormat.TensorRankAt, 0, PackFormat.MaxRank, "rank of tensor " + i);
                long bytes = type == PackFormat.TypeInt32 ? 4 : type == PackFormat.TypeInt16 ? 2 : 1;
                for (int d = 0; d < rank; d++)
                    bytes *= Counted(source, at + PackFormat.TensorDimensionsAt + 4 * d, 1, 0x1000000, "shape of tensor " + i);
                if (bytes != size)
                    throw new PackException("Tensor " + i + " has " + size + " bytes; its shape takes " + bytes + ".");
                int initial = Model.ReadWord(source, at + PackFormat.TensorInitialAt);
                if (initial != 0 && (initial < 0 || initial > source.Length - size))
                    throw new PackException("The initial values of tensor " + i + " begin at " + initial + ", outside the pack.");
            }
        }

        private static void CheckLayers(IPackSource source, int at, int bytes, int weightsFrom, int weightsTo)
        {
            int end = at + bytes;
            int maxWords = Model.ReadWord(source, PackFormat.ParameterWordsAt);
            int count = Counted(source, PackFormat.LayerCountAt, 0, bytes / (PackFormat.LayerHeaderWords * 4), "layer count");
            for (int i = 0; i < count; i++)
            {
                if (at > end - PackFormat.LayerHeaderWords * 4)
                    throw new PackException("Layer " + i + " runs over the end of the layer records.");
                int words = Counted(source, at + 4 * PackFormat.LayerParameterWords, 0, maxWords, "parameter count of layer " + i);
                int weights = Model.ReadWord(source, at + 4 * PackFormat.LayerWeightsAt);
                int weightsBytes = Model.ReadWord(source, at + 4 * PackFormat.LayerWeightsBytes);
                if (weightsBytes < 0 || (weightsBytes > 0 && (weights < weightsFrom || weights > weightsTo - weightsBytes)))
                    throw new PackException("The weights of layer " + i + " lie outside the weights section.");
                Counted(source, at + 4 * PackFormat.LayerBlockBytes, 0, weightsBytes, "block size of layer " + i);
                Counted(source, at + 4 * PackFormat.LayerRows, 0, 0x1000000, "row count of layer " + i);
                CheckReference(source, at, PackFormat.LayerInput, i);
                CheckReference(source, at, PackFormat.LayerInput2, i);
                CheckReference(source, at, PackFormat.LayerOutput, i);
                CheckReference(source, at, PackFormat.LayerScratch, i);
                if (Model.ReadWord(source, at + 4 * PackFormat.LayerKind) == PackFormat.KindStridedCopy)
                    CheckCopy(source, at, words, i);
                // Steps of a forged recurrent layer would go on for hours inside its tensors.
                int kind = Model.ReadWord(source, at);
                if ((kind == PackFormat.KindGru || kind == PackFormat.KindLiquid) && words > Gru.Repeats)
                    Counted(source, at + 4 * (PackFormat.LayerHeaderWords + Gru.Repeats), 1, Liquid.MostRepeats, "repeat count of layer " + i);
                if (LaneWeights.IsLanes(Model.ReadWord(source, at)))
                    LaneCheck.Run(source, at, i, count);
                at += RecordBytes(words);
            }
            if (at != end)
                throw new PackException("The layer records end at byte " + at + ", not at " + end + ".");
        }

        /// <summary>
        /// A copy writes no byte of its output twice. With steps of zero a forged one would stay inside its tensors and
        /// not come to an end, which no bounds check of the arrays would notice.
        /// </summary>
        private static void CheckCopy(IPackSource source, int at, int words, int layer)
        {
            if (words < StridedCopy.ParameterCount)
                throw new PackException("The parameter count of layer " + layer + " is " + words + "; a copy has " + StridedCopy.ParameterCount + ".");
            int limit = Model.ReadWord(source, at + 4 * (PackFormat.LayerOutput + 2));
            int parameters = at + 4 * PackFormat.LayerHeaderWords;
            long bytes = Counted(source, at + 4 * PackFormat.LayerRows, 1, limit, "row count of layer " + layer);
            for (int d = 0; d < StridedCopy.MiddleAxes; d++)
                bytes *= Counted(source, parameters + 4 * (StridedCopy.Middle + 3 * d), 1, (int)(limit / bytes), "length of a copy in layer " + layer);
            Counted(source, parameters + 4 * StridedCopy.Run, 1, (int)(limit / bytes), "length of a copy in layer " + layer);
        }

        /// <summary>Bytes of a layer record with this many parameter words.</summary>
        internal static int RecordBytes(int parameterWords)
        {
            int bytes = (PackFormat.LayerHeaderWords + parameterWords) * 4;
            return (bytes + PackFormat.Alignment - 1) & ~(PackFormat.Alignment - 1);
        }

        /// <summary>Bytes of one golden: all inputs, padded to a word, and a CRC for each layer.</summary>
        internal static int GoldenBytes(IPackSource source)
        {
            int bytes = 0, inputs = Model.ReadWord(source, PackFormat.InputCountAt);
            for (int i = 0; i < inputs; i++)
                bytes += Model.ReadWord(source, Model.ReadWord(source, PackFormat.TensorsAt) + i * PackFormat.TensorBytes + PackFormat.TensorSizeAt);
            bytes = ((bytes + 3) & ~3) + 4 * Model.ReadWord(source, PackFormat.LayerCountAt);
            return bytes == 0 ? 4 : bytes;
        }

        private static void CheckReference(IPackSource source, int layerAt, int field, int layer)
        {
            int block = Model.ReadWord(source, layerAt + 4 * field);
            if (block == -1)
                return;
            CheckPlace(source, block, Model.ReadWord(source, layerAt + 4 * field + 4), Model.ReadWord(source, layerAt + 4 * field + 8), "operand of layer " + layer);
        }

        private static void CheckPlace(IPackSource source, int block, int offset, int size, string what)
        {
            int blocks = Model.ReadWord(source, PackFormat.BlockCountAt);
            if (block < 0 || block >= blocks)
                throw new PackException("The block number of " + what + " is " + block + "; the pack has " + blocks + " blocks.");
            int limit = Model.ReadWord(source, PackFormat.BlockSizesAt + 4 * block);
            if (offset < 0 || size < 0 || offset > limit - size)
                throw new PackException("The " + what + " takes bytes " + offset + ".." + ((long)offset + size) + " of a block of " + limit + ".");
        }

        private static void CheckMetadata(IPackSource source, int from, int to)
        {
            int count = Counted(source, PackFormat.LabelCountAt, 0, (to - from) / 4, "label count");
            int at = Model.ReadWord(source, PackFormat.LabelsAt);
            for (int i = 0; i < count; i++)
            {
                if (at < from || at > to - 4)
                    throw new PackException("Label " + i + " lies outside the metadata.");
                at += 4 + ((Counted(source, at, 0, 255, "length of label " + i) + 3) & ~3);
                if (at > to)
                    throw new PackException("Label " + i + " runs over the end of the metadata.");
            }
            int channels = Counted(source, PackFormat.NormalisationChannelsAt, 0, 4096, "normalisation channel count");
            int normalisation = Model.ReadWord(source, PackFormat.NormalisationAt);
            if (channels > 0 && (normalisation < from || normalisation > to - channels * Normalisation.ChannelBytes))
                throw new PackException("The input normalisation lies outside the metadata.");
            int goldens = Model.ReadWord(source, PackFormat.GoldenCountAt), goldensAt = Model.ReadWord(source, PackFormat.GoldensAt);
            if (goldens != 0 && (goldens < 0 || goldensAt < from || goldensAt > to || goldens > (to - goldensAt) / GoldenBytes(source)))
                throw new PackException("The goldens lie outside the metadata.");
        }
    }
}
