namespace TinyAI.Bench.Plain
{
    /// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM, batch first: 8-bit activations and weights, 16-bit gates and cell.</summary>
    public static class Lstm
    {
        /// <summary>
        /// All steps of all sequences. Gates stand in the order input, forget, cell, output; scales holds per gate the
        /// multiplier and shift of the input's and of the state's sum, then those of forget * cell, input * cell gate
        /// and output * tanh(cell). Weights are arrays per gate: of the input, of the state, biases.
        /// </summary>
        public static void Run(
            sbyte[] input, int batches, int steps, int inputSize, int units, sbyte[][] inputWeights, sbyte[][] stateWeights, int[][] biases,
            sbyte[] hidden, short[] cell, sbyte[] output, int inputZero, int hiddenZero, int[] scales, int cellClip, int cellLog2, int[] table)
        {
            short[] inputGate = new short[units];
            short[] forgetGate = new short[units];
            short[] cellGate = new short[units];
            short[] outputGate = new short[units];
            for (int batch = 0; batch < batches; batch++)
            {
                for (int step = 0; step < steps; step++)
                {
                    int inputAt = (batch * steps + step) * inputSize;
                    int stateAt = batch * units;
                    Gate(input, inputAt, inputSize, hidden, stateAt, units, inputWeights[1], stateWeights[1], biases[1], inputZero, hiddenZero, scales, 4, false, forgetGate, table);
                    Gate(input, inputAt, inputSize, hidden, stateAt, units, inputWeights[0], stateWeights[0], biases[0], inputZero, hiddenZero, scales, 0, false, inputGate, table);
                    Gate(input, inputAt, inputSize, hidden, stateAt, units, inputWeights[2], stateWeights[2], biases[2], inputZero, hiddenZero, scales, 8, true, cellGate, table);
                    for (int i = 0; i < units; i++)
                    {
                        int kept = Clamp16(Fixed.MultiplyByQuantizedMultiplier(forgetGate[i] * cell[stateAt + i], scales[16], scales[17]));
                        int added = Clamp16(Fixed.MultiplyByQuantizedMultiplier(inputGate[i] * cellGate[i], scales[18], scales[19]));
                        int value = Clamp16(kept + added);
                        if (cellClip > 0)
                            value = Fixed.Clamp(value, -cellClip, cellClip);
                        cell[stateAt + i] = (short)value;
                    }
                    Gate(input, inputAt, inputSize, hidden, stateAt, units, inputWeights[3], stateWeights[3], biases[3], inputZero, hiddenZero, scales, 12, false, outputGate, table);
                    for (int i = 0; i < units; i++)
                    {
                        int activated = Tanh(CellToTable(cell[stateAt + i], cellLog2), table);
                        int value = Fixed.MultiplyByQuantizedMultiplier(activated * outputGate[i], scales[20], scales[21]) + hiddenZero;
                        hidden[stateAt + i] = (sbyte)Fixed.Clamp(value, -128, 127);
                        output[(batch * steps + step) * units + i] = hidden[stateAt + i];
                    }
                }
            }
        }

        private static void Gate(
            sbyte[] input, int inputAt, int inputSize, sbyte[] hidden, int stateAt, int units, sbyte[] inputWeights, sbyte[] stateWeights, int[] bias,
            int inputZero, int hiddenZero, int[] scales, int scaleAt, bool isTanh, short[] gate, int[] table)
        {
            for (int unit = 0; unit < units; unit++)
            {
                int fromInput = bias[unit];
                for (int i = 0; i < inputSize; i++)
                    fromInput += inputWeights[unit * inputSize + i] * (input[inputAt + i] - inputZero);
                int fromState = 0;
                for (int i = 0; i < units; i++)
                    fromState += stateWeights[unit * units + i] * (hidden[stateAt + i] - hiddenZero);
                int sum = Clamp16(
                    Clamp16(Fixed.MultiplyByQuantizedMultiplier(fromInput, scales[scaleAt], scales[scaleAt + 1]))
                    + Clamp16(Fixed.MultiplyByQuantizedMultiplier(fromState, scales[scaleAt + 2], scales[scaleAt + 3])));
                gate[unit] = (short)(isTanh ? Tanh(3 * sum, table) : Sigmoid(3 * sum, table));
            }
        }

        private static int Clamp16(int value)
        {
            return Fixed.Clamp(value, -32768, 32767);
        }

        /// <summary>The cell, 2^cellLog2 a step, as argument of the table: three times Q3.12.</summary>
        private static int CellToTable(int value, int cellLog2)
        {
            int right = -(12 + cellLog2);
            if (right <= 0)
                return value * (3 << -right);
            return (value * 3 + (1 << (right - 1))) >> right;
        }

        private static int Sigmoid(int x, int[] table)
        {
            int size = x < 0 ? -x : x;
            int entry = size >> 9;
            int result = 0x7FFF << 10;
            if (entry < 255)
                result = (table[entry] << 9) + (size & 0x1FF) * (table[entry + 1] - table[entry]);
            return (x >= 0 ? result + (1 << 9) : (1 << 25) - result + (1 << 9) - 1) >> 10;
        }

        private static int Tanh(int x, int[] table)
        {
            int size = x < 0 ? -x : x;
            int entry = size >> 8;
            int result = 0xFFFF << 8;
            if (entry < 255)
                result = (table[entry] << 8) + (size & 0xFF) * (table[entry + 1] - table[entry]);
            return (x >= 0 ? result - (1 << 23) + (1 << 7) : (1 << 23) - result + (1 << 7) - 1) >> 8;
        }
    }
}
