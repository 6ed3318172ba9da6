namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>A tensor of the tests' own: shape and elements in C order.</summary>
public sealed record Nd(int[] Shape, float[] Data)
{
    public static Nd Random(Random random, params int[] shape) =>
        new(shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (float)(random.NextDouble() * 2 - 1))]);
}

/// <summary>ONNX's operators written down as the specification says them, channels second, one loop per index.</summary>
public static class NchwReference
{
    public static Nd Conv(Nd x, Nd w, float[]? bias, int groups, int stride, int dilation, int[] pads)
    {
        (int n, int c, int h, int width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        (int m, int kh, int kw) = (w.Shape[0], w.Shape[2], w.Shape[3]);
        int oh = (h + pads[0] + pads[2] - (kh - 1) * dilation - 1) / stride + 1, ow = (width + pads[1] + pads[3] - (kw - 1) * dilation - 1) / stride + 1;
        var y = new float[n * m * oh * ow];
        int perGroup = c / groups;
        for (int i = 0; i < y.Length; i++)
        {
            int ox = i % ow, oy = i / ow % oh, o = i / ow / oh % m, b = i / ow / oh / m;
            double sum = bias?[o] ?? 0;
            for (int k = 0; k < perGroup; k++)
            {
                for (int ky = 0; ky < kh; ky++)
                {
                    for (int kx = 0; kx < kw; kx++)
                    {
                        int iy = oy * stride - pads[0] + ky * dilation, ix = ox * stride - pads[1] + kx * dilation;
                        if (iy < 0 || iy >= h || ix < 0 || ix >= width) continue;
                        int channel = o / (m / groups) * perGroup + k;
                        sum += (double)x.Data[((b * c + channel) * h + iy) * width + ix] * w.Data[((o * perGroup + k) * kh + ky) * kw + kx];
                    }
                }
            }

            y[i] = (float)sum;
        }

        return new Nd([n, m, oh, ow], y);
    }

    public static Nd Pool(Nd x, int kernel, int stride, int pad, bool average, bool countPad)
    {
        (int n, int c, int h, int width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        int oh = (h + 2 * pad - kernel) / stride + 1, ow = (width + 2 * pad - kernel) / stride + 1;
        var y = new float[n * c * oh * ow];
        for (int i = 0; i < y.Length; i++)
        {
            int ox = i % ow, oy = i / ow % oh, plane = i / ow / oh, count = 0;
            double sum = 0, max = double.NegativeInfinity;
            for (int ky = 0; ky < kernel; ky++)
            {
                for (int kx = 0; kx < kernel; kx++)
                {
                    int iy = oy * stride - pad + ky, ix = ox * stride - pad + kx;
                    if (iy < 0 || iy >= h || ix < 0 || ix >= width) continue;
                    double v = x.Data[(plane * h + iy) * width + ix];
                    (sum, max, count) = (sum + v, Math.Max(max, v), count + 1);
                }
            }

            y[i] = (float)(average ? sum / (countPad ? kernel * kernel : count) : max);
        }

        return new Nd([n, c, oh, ow], y);
    }

    /// <summary>A number per channel: y = x * factor + offset.</summary>
    public static Nd PerChannel(Nd x, float[] factor, float[] offset)
    {
        int inner = x.Data.Length / x.Shape[0] / x.Shape[1];
        return x with { Data = [.. x.Data.Select((v, i) => v * factor[i / inner % x.Shape[1]] + offset[i / inner % x.Shape[1]])] };
    }

    public static Nd Map(Nd x, Func<float, float> function) => x with { Data = [.. x.Data.Select(function)] };

    public static Nd Add(Nd a, Nd b) => a with { Data = [.. a.Data.Zip(b.Data, (x, y) => x + y)] };

    public static Nd Concat(Nd a, Nd b)
    {
        int rows = a.Shape[0], x = a.Data.Length / rows, y = b.Data.Length / rows;
        float[] data = [.. Enumerable.Range(0, rows).SelectMany(r => a.Data.Skip(r * x).Take(x).Concat(b.Data.Skip(r * y).Take(y)))];
        return new Nd([rows, a.Shape[1] + b.Shape[1], .. a.Shape[2..]], data);
    }

    public static Nd GlobalAverage(Nd x)
    {
        int inner = x.Data.Length / x.Shape[0] / x.Shape[1];
        return new Nd([x.Shape[0], x.Shape[1], 1, 1], [.. x.Data.Chunk(inner).Select(p => (float)p.Average(v => (double)v))]);
    }

    /// <summary>x[N, K] * w[K, M] + bias.</summary>
    public static Nd Gemm(Nd x, Nd w, float[] bias)
    {
        (int n, int k, int m) = (x.Shape[0], x.Shape[1], w.Shape[1]);
        var y = new float[n * m];
        for (int i = 0; i < y.Length; i++)
        {
            double sum = bias[i % m];
            for (int j = 0; j < k; j++) sum += (double)x.Data[i / m * k + j] * w.Data[j * m + i % m];
            y[i] = (float)sum;
        }

        return new Nd([n, m], y);
    }
}
