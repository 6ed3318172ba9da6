using System;

namespace TinyAI.TinyRuntime
{
    /// <content>What goes into a session and comes out of it.</content>
    public partial class Session
    {
        /// <summary>Writes int8 input index: values from valuesAt, one per element of the tensor.</summary>
        public void Write(int index, sbyte[] values, int valuesAt)
        {
            RequireWholeInput(index);
            int at = InputAt(index), size = SizeOf(at, "Input ", index, values.Length, valuesAt);
            Array.Copy(values, valuesAt, BlockAt(at), OffsetAt(at), size);
        }

        /// <summary>Writes input index from raw bytes: the tensor's elements, little-endian.</summary>
        public void WriteBytes(int index, byte[] values, int valuesAt)
        {
            RequireWholeInput(index);
            int at = InputAt(index), size = SizeOf(at, "Input ", index, values.Length, valuesAt);
            sbyte[] block = BlockAt(at);
            int offset = OffsetAt(at);
            for (int i = 0; i < size; i++)
                block[offset + i] = (sbyte)values[valuesAt + i];
        }

        /// <summary>Writes input 0 from raw sensor counts, one per element, through the model's normalisation.</summary>
        public void WriteCounts(Normalisation normalisation, short[] counts, int countsAt)
        {
            RequireWholeInput(0);
            int at = InputAt(0), size = SizeOf(at, "Input ", 0, counts.Length, countsAt);
            normalisation.Apply(counts, countsAt, BlockAt(at), OffsetAt(at), size);
        }

        /// <summary>Reads int8 output index into values from valuesAt.</summary>
        public void Read(int index, sbyte[] values, int valuesAt)
        {
            int at = OutputAt(index), size = SizeOf(at, "Output ", index, values.Length, valuesAt);
            Array.Copy(BlockAt(at), OffsetAt(at), values, valuesAt, size);
        }

        /// <summary>Reads output index as raw bytes: the tensor's elements, little-endian.</summary>
        public void ReadBytes(int index, byte[] values, int valuesAt)
        {
            int at = OutputAt(index), size = SizeOf(at, "Output ", index, values.Length, valuesAt);
            sbyte[] block = BlockAt(at);
            int offset = OffsetAt(at);
            for (int i = 0; i < size; i++)
                values[valuesAt + i] = (byte)block[offset + i];
        }

        /// <summary>Index of the largest value of 8-bit output index, the first where several are equal.</summary>
        public int ArgMax(int index)
        {
            int at = OutputAt(index), size = _model.Word(at + PackFormat.TensorSizeAt);
            sbyte[] block = BlockAt(at);
            int mask = _model.Word(at + PackFormat.TensorTypeAt) == PackFormat.TypeUInt8 ? 255 : -1;
            int offset = OffsetAt(at), best = 0;
            for (int i = 1; i < size; i++)
            {
                if ((block[offset + i] & mask) > (block[offset + best] & mask))
                    best = i;
            }
            return best;
        }

        /// <summary>Elements or bytes of the tensor described at at, once the caller's array is known to hold that many from from.</summary>
        private int SizeOf(int at, string what, int index, int length, int from)
        {
            int size = _model.Word(at + PackFormat.TensorSizeAt);
            if (from < 0 || from > length - size)
                throw new PackException(what + index + " has " + size + " values; the array has " + length + " and is used from " + from + ".");
            return size;
        }

        private sbyte[] BlockAt(int tensorAt)
        {
            return _blocks[_model.Word(tensorAt + PackFormat.TensorBlockAt)];
        }

        private int OffsetAt(int tensorAt)
        {
            return _model.Word(tensorAt + PackFormat.TensorOffsetAt);
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

        private int TensorAt(int index)
        {
            return _model.Word(PackFormat.TensorsAt) + index * PackFormat.TensorBytes;
        }
    }
}
