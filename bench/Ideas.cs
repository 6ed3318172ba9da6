using System.Globalization;
using System.Text;
using TinyAI.Bench.Baseline;
using TinyAI.CostModel;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.Bench;

/// <summary>
/// What ideas that were not built would give, reckoned from the models' own weights and from the activations of their golden
/// inputs: for each, how often it applies, and what the sums of convolutions and fully connected layers in lanes of three would
/// cost with it, as a change of the whole model's code. Nothing else is counted, so that a small gain is an upper bound.
/// </summary>
internal static class Ideas
{
    private const int Lanes = 3, LaneBits = 21;

    /// <summary>
    /// A layer's packed constants [group][tap], the positions they are used at, the share of its activations that are zero, and
    /// how many sums four channels at a time need at one position if lanes have 16 bits, with the products in them.
    /// </summary>
    private sealed record Sums(long[][] Constants, long Positions, double Zeros, int FourLaneSums, int FourLaneProducts)
    {
        public long Products => Positions * Constants.Sum(g => (long)g.Length);

        public int Taps => Constants[0].Length;
    }

    /// <summary>A row per idea, a column per model: how often it applies / what the model's code would cost with it.</summary>
    public static string Table(IEnumerable<BenchModel> models, IReadOnlyList<BenchRow> rows, CostTable table)
    {
        BenchModel[] columns = [.. models.Where(m => Targets.Models.Contains(m.Name))];
        List<Sums>[] sums = [.. columns.Select(SumsOf)];
        double[] whole = [.. columns.Select(c => (double)rows.Single(r => r.Model == c.Name).CodeCost!.Value)];
        double local = table["ldloc"], product = table["ldc.i8"] + table["mul.i8"], term = local + product + table["add.i8"];
        var text = new StringBuilder($"| idea | {string.Join(" | ", columns.Select(m => m.Name))} |\n|--|{string.Concat(columns.Select(_ => "--:|"))}\n");
        Row("constants of zero in all lanes (left out already)", s => Share(s, Zeros), s => 0);
        Row("activations at their zero point: one test skips all channels", s => s.Zeros, s => SkippingGain(s));
        Row("constants that another group has at the same tap", s => Share(s, Repeated), s => Share(s, Repeated) * s.Products * (product - local) - (Share(s, Repeated) * s.Products * local));
        Row("constants that are a power of two: a shift", s => Share(s, PowersOfTwo), s => Share(s, PowersOfTwo) * s.Products * (table["ldc.i8"] + table["mul.i8"] - table["ldc"] - table["shift.i8"]));
        Row("four lanes of 16 bits, in as many sums as that takes", _ => 1, s => FourLanesGain(s));
        return text.ToString().TrimEnd('\n');

        void Row(string name, Func<Sums, double> share, Func<Sums, double> gain)
        {
            IEnumerable<string> cells = sums.Zip(whole).Select(c =>
            {
                double often = c.First.Sum(s => share(s) * s.Products) / c.First.Sum(s => s.Products), saved = c.First.Sum(s => Math.Max(0, gain(s)));
                return string.Create(CultureInfo.InvariantCulture, $"{100 * often:0} % / {(saved < c.Second * 0.005 ? "0" : $"-{100 * saved / c.Second:0}")} %");
            });
            text.Append($"| {name} | {string.Join(" | ", cells)} |\n");
        }

        // Sums of all groups wait in locals, so that each term loads and stores its own; an activation is tested, and its zero point taken off.
        double SkippingGain(Sums s)
        {
            double groups = s.Constants.Length, test = local + table["ldc"] + table["compare-branch"];
            double now = groups * term, with = test + (1 - s.Zeros) * (groups * (term + 2 * local) + table["ldc"] + table["sub.i8"]);
            return s.Positions * s.Taps * (now - with);
        }

        // Each lane of a sum that is not the last is cut out and added to the channel's own: a load, a shift, a mask, an addition, a store.
        double FourLanesGain(Sums s)
        {
            double cut = 3 * local + table["shift.i8"] + table["ldc"] + table["and.i8"] + table["ldc.i8"] + table["add.i8"];
            return s.Positions * (((s.Constants.Sum(g => g.Length) - s.FourLaneProducts) * term) - (s.FourLaneSums - s.FourLaneProducts / s.Taps) * 4 * cut);
        }
    }

    private static double Share(Sums sums, Func<long[][], int> count) => count(sums.Constants) / (double)sums.Constants.Sum(g => g.Length);

    private static int Zeros(long[][] constants) => constants.Sum(g => g.Count(c => c == 0));

    private static int PowersOfTwo(long[][] constants) => constants.Sum(g => g.Count(c => c is not (0 or 1 or -1) && long.IsPow2(Math.Abs(c))));

    /// <summary>Constants that an earlier group has at the same tap, but for the sign.</summary>
    private static int Repeated(long[][] constants) =>
        Enumerable.Range(0, constants[0].Length).Sum(tap => constants.Count(g => g[tap] != 0) - constants.Where(g => g[tap] != 0).Select(g => Math.Abs(g[tap])).Distinct().Count());

    private static List<Sums> SumsOf(BenchModel model)
    {
        Graph graph = model.Graph();
        var plain = new PlainModel(graph);
        Node[] nodes = [.. graph.Nodes.Where(n => n.Operator is BuiltinOperator.CONV_2D or BuiltinOperator.FULLY_CONNECTED && n.Input(1).IsConstant)];
        var zeros = new double[nodes.Length];
        foreach (byte[][] input in model.Inputs)
        {
            plain.Write(input);
            plain.Run(type => typeof(Plain.Conv2D).Assembly.GetType("TinyAI.Bench.Plain." + type)!);
            for (int i = 0; i < nodes.Length; i++)
            {
                Tensor x = nodes[i].Input();
                zeros[i] += ((sbyte[])plain.Array(x)).Count(v => v == x.ZeroPoint) / (double)x.Count / model.Inputs.Count;
            }
        }

        return
        [
            .. nodes.Select((node, i) =>
            {
                long[][] channels = Channels(node.Input(1));
                int fours = (channels.Length + 3) / 4;
                return new Sums(Pack(channels), node.Output.Count / channels.Length, zeros[i], channels.Chunk(4).Sum(SumsOf16Bits), fours * channels[0].Length);
            }),
        ];
    }

    private static long[][] Channels(Tensor weights)
    {
        int channels = weights.Shape[0], taps = weights.Count / channels;
        return [.. Enumerable.Range(0, channels).Select(c => (long[])[.. Enumerable.Range(0, taps).Select(tap => (long)(sbyte)weights.Data![c * taps + tap])])];
    }

    /// <summary>In lanes: three channels, in their order, to a constant.</summary>
    private static long[][] Pack(long[][] channels) =>
        [.. channels.Chunk(Lanes).Select(group => (long[])[.. Enumerable.Range(0, group[0].Length).Select(tap => group.Select((c, lane) => c[tap] << (LaneBits * lane)).Sum())])];

    /// <summary>Sums that channels need together if none may leave 16 bits, whatever the activations are.</summary>
    private static int SumsOf16Bits(long[][] channels)
    {
        int sums = 1;
        var reach = new long[channels.Length];
        for (int tap = 0; tap < channels[0].Length; tap++)
        {
            bool full = channels.Where((c, i) => reach[i] + Math.Abs(c[tap]) * byte.MaxValue > ushort.MaxValue).Any();
            if (full) (sums, reach) = (sums + 1, new long[channels.Length]);
            for (int i = 0; i < reach.Length; i++) reach[i] += Math.Abs(channels[i][tap]) * byte.MaxValue;
        }

        return sums;
    }
}
