namespace TinyAI.TinyRuntime
{
    /// <summary>Type, shape, quantisation and place of an input or output tensor, read from the pack.</summary>
    public class TensorInfo
    {
        internal TensorInfo(IPackSource source, int at)
        {
            Type = Model.ReadWord(source, at + PackFormat.TensorTypeAt);
            ModelType = Model.ReadWord(source, at + PackFormat.TensorModelTypeAt);
            Block = Model.ReadWord(source, at + PackFormat.TensorBlockAt);
            Offset = Model.ReadWord(source, at + PackFormat.TensorOffsetAt);
            Size = Model.ReadWord(source, at + PackFormat.TensorSizeAt);
            ScaleBits = Model.ReadWord(source, at + PackFormat.TensorScaleAt);
            ZeroPoint = Model.ReadWord(source, at + PackFormat.TensorZeroPointAt);
            Shape = new int[Model.ReadWord(source, at + PackFormat.TensorRankAt)];
            for (int i = 0; i < Shape.Length; i++)
                Shape[i] = Model.ReadWord(source, at + PackFormat.TensorDimensionsAt + 4 * i);
        }

        /// <summary>Element type in the session, one of <see cref="PackFormat"/>'s Type constants.</summary>
        public int Type { get; private set; }

        /// <summary>Element type in the original model.</summary>
        public int ModelType { get; private set; }

        /// <summary>Activation block that holds the tensor.</summary>
        public int Block { get; private set; }

        /// <summary>Byte offset in the block.</summary>
        public int Offset { get; private set; }

        /// <summary>Bytes of the tensor.</summary>
        public int Size { get; private set; }

        /// <summary>Scale as the bits of an IEEE single (device code stays free of floating point).</summary>
        public int ScaleBits { get; private set; }

        /// <summary>Zero point.</summary>
        public int ZeroPoint { get; private set; }

        /// <summary>Dimensions, outermost first.</summary>
        public int[] Shape { get; private set; }
    }
}
