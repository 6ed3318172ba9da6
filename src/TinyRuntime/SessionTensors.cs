namespace TinyAI.TinyRuntime
{
    /// <content>Inputs in, outputs out. None of it allocates, except for the message when something is wrong.</content>
    public partial class Session
    {
        /// <summary>
        /// Writes int8 input index: values from valuesAt, one per element of the tensor. Throws
        /// <see cref="PackException"/> where there is no such tensor or the array ends before it.
        /// </summary>
        public void Write(int index, sbyte[] values, int valuesAt)
        {
            int at = InputAt(index);
            int size = SizeWithin("Input", index, at, values.Length, valuesAt);
            sbyte[] block = _blocks[_model.Word(at + PackFormat.TensorBlockAt)];
            int offset = _model.Word(at + PackFormat.TensorOffsetAt);
            for (int i = 0; i < size; i++)
                block[offset + i] = values[valuesAt + i];
        }

        /// <summary>
        /// Writes input index from raw bytes: the tensor's elements, little-endian. Throws
        /// <see cref="PackException"/> where there is no such tensor or the array ends before it.
        /// </summary>
        public void WriteBytes(int index, byte[] values, int valuesAt)
        {
            int at = InputAt(index);
            int size = SizeWithin("Input", index, at, values.Length, valuesAt);
            sbyte[] block = _blocks[_model.Word(at + PackFormat.TensorBlockAt)];
            int offset = _model.Word(at + PackFormat.TensorOffsetAt);
            for (int i = 0; i < size; i++)
                block[offset + i] = (sbyte)values[valuesAt + i];
        }

        /// <summary>
        /// Writes int8 input 0 from raw sensor counts, one per element, rows of channels, through the model's
        /// normalisation. Throws <see cref="PackException"/> where the array ends before the input is full.
        /// </summary>
        public void WriteCounts(Normalisation normalisation, short[] counts, int countsAt)
        {
            int at = InputAt(0);
            int size = SizeWithin("Input", 0, at, counts.Length, countsAt);
            normalisation.Apply(
                counts, countsAt, _blocks[_model.Word(at + PackFormat.TensorBlockAt)], _model.Word(at + PackFormat.TensorOffsetAt), size);
        }

        /// <summary>
        /// Reads int8 output index into values from valuesAt. Throws
        /// <see cref="PackException"/> where there is no such tensor or the array ends before it.
        /// </summary>
        public void Read(int index, sbyte[] values, int valuesAt)
        {
            int at = OutputAt(index);
            int size = SizeWithin("Output", index, at, values.Length, valuesAt);
            sbyte[] block = _blocks[_model.Word(at + PackFormat.TensorBlockAt)];
            int offset = _model.Word(at + PackFormat.TensorOffsetAt);
            for (int i = 0; i < size; i++)
                values[valuesAt + i] = block[offset + i];
        }

        /// <summary>
        /// Reads output index as raw bytes: the tensor's elements, little-endian. Throws
        /// <see cref="PackException"/> where there is no such tensor or the array ends before it.
        /// </summary>
        public void ReadBytes(int index, byte[] values, int valuesAt)
        {
            int at = OutputAt(index);
            int size = SizeWithin("Output", index, at, values.Length, valuesAt);
            sbyte[] block = _blocks[_model.Word(at + PackFormat.TensorBlockAt)];
            int offset = _model.Word(at + PackFormat.TensorOffsetAt);
            for (int i = 0; i < size; i++)
                values[valuesAt + i] = (byte)block[offset + i];
        }

        /// <summary>Index of the largest value of int8 output index, the first where several are equal.</summary>
        public int ArgMax(int index)
        {
            int at = OutputAt(index);
            int size = _model.Word(at + PackFormat.TensorSizeAt);
            sbyte[] block = _blocks[_model.Word(at + PackFormat.TensorBlockAt)];
            int offset = _model.Word(at + PackFormat.TensorOffsetAt);
            int best = 0;
            for (int i = 1; i < size; i++)
            {
                if (block[offset + i] > block[offset + best])
                    best = i;
            }
            return best;
        }

        /// <summary>The activation memory, for callers that fill inputs in place (see <see cref="TensorInfo"/>).</summary>
        public sbyte[] Block(int index)
        {
            return _blocks[index];
        }

        /// <summary>Bytes of the tensor whose entry begins at byte at; throws where the caller's array ends before them.</summary>
        private int SizeWithin(string what, int index, int at, int length, int from)
        {
            int size = _model.Word(at + PackFormat.TensorSizeAt);
            if (from < 0 || from > length - size)
                throw new PackException(what + " " + index + " has " + size + " bytes; the array has " + length + ", taken from " + from + ".");
            return size;
        }

        private int InputAt(int index)
        {
            if (index < 0 || index >= _model.InputCount)
                throw new PackException("There is no input " + index + ": the model has " + _model.InputCount + ".");
            return TensorAt(index);
        }

        private int OutputAt(int index)
        {
            if (index < 0 || index >= _model.OutputCount)
                throw new PackException("There is no output " + index + ": the model has " + _model.OutputCount + ".");
            return TensorAt(_model.InputCount + index);
        }
    }
}
