using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>
/// Convolution, pooling and 16-bit softmax by their definitions (TFLite reference integer_ops/conv.h, pooling.h,
/// softmax.h): every tap asks whether it is inside the image.
/// </summary>
internal static class ConvolutionReference
{
    /// <summary>Shapes and steps of a convolution; a depthwise one has GroupIn = 1 and weights [outChannel, height, width, 1].</summary>
    public sealed record Form(
        int[] In, int[] Weights, int[] Out, int StrideH, int StrideW, int DilationH, int DilationW, int PadTop, int PadLeft);

    /// <summary>The accumulators without bias, one per output value.</summary>
    public static long[] Sums(Form f, Func<int, int> input, Func<int, int> weight, int inZero)
    {
        var sums = new long[f.Out.Aggregate(1, (a, b) => a * b)];
        int groupIn = f.Weights[3], groupOut = f.Weights[0] / (f.In[3] / groupIn);
        for (int i = 0; i < sums.Length; i++)
        {
            int oc = i % f.Out[3], ox = i / f.Out[3] % f.Out[2], oy = i / f.Out[3] / f.Out[2] % f.Out[1], n = i / f.Out[3] / f.Out[2] / f.Out[1];
            for (int ky = 0; ky < f.Weights[1]; ky++)
            {
                for (int kx = 0; kx < f.Weights[2]; kx++)
                {
                    int iy = oy * f.StrideH - f.PadTop + ky * f.DilationH, ix = ox * f.StrideW - f.PadLeft + kx * f.DilationW;
                    if (iy < 0 || iy >= f.In[1] || ix < 0 || ix >= f.In[2]) continue;
                    for (int c = 0; c < groupIn; c++)
                    {
                        int value = input(((n * f.In[1] + iy) * f.In[2] + ix) * f.In[3] + oc / groupOut * groupIn + c) - inZero;
                        sums[i] += (long)value * weight(((oc * f.Weights[1] + ky) * f.Weights[2] + kx) * groupIn + c);
                    }
                }
            }
        }

        return sums;
    }

    /// <summary>Largest or mean value of each window.</summary>
    public static short[] Pool(Form f, short[] x, bool average, int min, int max)
    {
        var output = new short[f.Out.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < output.Length; i++)
        {
            int c = i % f.Out[3], ox = i / f.Out[3] % f.Out[2], oy = i / f.Out[3] / f.Out[2] % f.Out[1], n = i / f.Out[3] / f.Out[2] / f.Out[1];
            int sum = 0, count = 0, largest = short.MinValue;
            for (int ky = 0; ky < f.Weights[1]; ky++)
            {
                for (int kx = 0; kx < f.Weights[2]; kx++)
                {
                    int iy = oy * f.StrideH - f.PadTop + ky, ix = ox * f.StrideW - f.PadLeft + kx;
                    if (iy < 0 || iy >= f.In[1] || ix < 0 || ix >= f.In[2]) continue;
                    short value = x[((n * f.In[1] + iy) * f.In[2] + ix) * f.In[3] + c];
                    sum += value;
                    count++;
                    largest = Math.Max(largest, value);
                }
            }

            int mean = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
            output[i] = (short)Math.Clamp(average ? mean : largest, min, max);
        }

        return output;
    }

    /// <summary>SoftmaxInt16 with tables made by LUTPopulate.</summary>
    public static short[] Softmax(short[] x, int depth, double scale)
    {
        short[] exp = Table(10.0f / 65535, 32767, v => MathF.Exp(v)), reciprocal = Table(1.0f / 65535, -32768, v => 1.0f / (1.0f + v));
        var multiplier = QuantizeMultiplier(scale / (10.0 / 65535.0));
        var y = new short[x.Length];
        for (int at = 0; at < x.Length; at += depth)
        {
            short max = x.AsSpan(at, depth).ToArray().Max();
            int sum = 0;
            for (int i = at; i < at + depth; i++) sum += y[i] = Look(Clamp16(Mbqm(x[i] - max, multiplier) + 32767), exp);
            int headroomPlusOne = System.Numerics.BitOperations.LeadingZeroCount((uint)sum);
            int shifted = (int)((((long)sum << (headroomPlusOne - 1)) + (1 << 13)) >> 14);
            short inverse = Look(Clamp16(shifted - ((1 << 15) + (1 << 16))), reciprocal);
            int right = 31 - headroomPlusOne;
            for (int i = at; i < at + depth; i++)
                y[i] = (short)Math.Clamp((int)(((long)y[i] * inverse + (1 << (right - 1))) >> right), 0, 32767);
        }

        return y;
    }

    private static short Look(short value, short[] table)
    {
        int index = 256 + (value >> 7);
        short offset = (short)(value & 0x7f), slope = (short)(table[index + 1] - table[index]);
        return (short)(table[index] + ((slope * offset + 64) >> 7));
    }

    private static short[] Table(float inputScale, int zero, Func<float, float> transform)
    {
        const float outputScale = 2.0f / 65535;
        float inputMin = inputScale * (-32768 - zero), inputMax = inputScale * (32767 - zero);
        float outputMin = outputScale * -32768, outputMax = outputScale * 32767;
        float step = (inputMax - inputMin) / 512, halfStep = step / 2, inverse = 65536f / (outputMax - outputMin);
        static float R(float v) => MathF.Round(v, MidpointRounding.AwayFromZero);
        var table = new short[513];
        for (int i = 0; i < 512; i++)
        {
            float val = transform(inputMin + i * step), mid = transform(inputMin + i * step + halfStep), next = transform(inputMin + (i + 1) * step);
            float interpolated = R((next * inverse + R(val * inverse)) / 2), bias = R((interpolated - R(mid * inverse)) / 2);
            table[i] = (short)Math.Min(Math.Max(R(val * inverse) - bias, -32768), 32767);
        }

        table[512] = (short)Math.Min(Math.Max(R(transform(inputMax) * inverse), -32768), 32767);
        return table;
    }
}
