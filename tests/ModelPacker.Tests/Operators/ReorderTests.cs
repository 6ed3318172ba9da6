using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Operators that put all elements in another order or repeat them, against index-by-index definitions.</summary>
public class ReorderTests
{
    [Fact]
    public void Transpose_permutes_up_to_six_dimensions()
    {
        for (int seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 7), 4);
            int[] permutation = [.. Enumerable.Range(0, shape.Length)];
            random.Shuffle(permutation);
            var one = new OneOperator(BuiltinOperator.TRANSPOSE, null, seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant([shape.Length], permutation);
            one.Output([.. permutation.Select(p => shape[p])]);
            one.Expect(index =>
            {
                var from = new int[shape.Length];
                for (int d = 0; d < index.Length; d++) from[permutation[d]] = index[d];
                return input[from];
            });
        }
    }

    [Fact]
    public void Space_to_depth_and_back()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int n = random.Next(1, 3), h = random.Next(1, 4), w = random.Next(1, 4), c = random.Next(1, 4), b = random.Next(1, 4);
            TfliteType type = random.ElementType();
            var there = new OneOperator(BuiltinOperator.SPACE_TO_DEPTH, new SpaceToDepthOptions(b), seed, type);
            Elements space = there.Input(n, h * b, w * b, c);
            there.Output(n, h, w, c * b * b);
            there.Expect(i => space[i[0], i[1] * b + i[3] / c / b, i[2] * b + i[3] / c % b, i[3] % c]);

            var back = new OneOperator(BuiltinOperator.DEPTH_TO_SPACE, new DepthToSpaceOptions(b), seed, type);
            Elements depth = back.Input(n, h, w, c * b * b);
            back.Output(n, h * b, w * b, c);
            back.Expect(i => depth[i[0], i[1] / b, i[2] / b, (i[1] % b * b + i[2] % b) * c + i[3]]);
        }
    }

    [Fact]
    public void Space_to_batch_with_padding_and_batch_to_space_with_crops()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            bool two = random.Next(2) == 0;
            int n = random.Next(1, 3), c = random.Next(1, 4);
            int[] block = two ? [random.Next(1, 4), random.Next(1, 4)] : [random.Next(1, 4)];
            int[] small = [.. block.Select(_ => random.Next(1, 4))];
            int[] full = [.. small.Select((s, d) => s * block[d])];
            int[] border = [.. full.SelectMany(f => (int[])[random.Next((f + 1) / 2), random.Next((f + 1) / 2)])];
            int[] inside = [.. full.Select((f, d) => f - border[2 * d] - border[2 * d + 1])];
            int positions = block.Aggregate(1, (a, b) => a * b);
            int[] Position(int batch) => two ? [batch / n / block[1], batch / n % block[1]] : [batch / n];

            var there = new OneOperator(BuiltinOperator.SPACE_TO_BATCH_ND, null, seed);
            Elements space = there.Input([n, .. inside, c]);
            there.Constant([block.Length], block);
            there.Constant([block.Length, 2], border);
            there.Output([n * positions, .. small, c]);
            there.Expect(i =>
            {
                int[] from = [i[0] % n, .. block.Select((b, d) => i[d + 1] * b + Position(i[0])[d] - border[2 * d]), i[^1]];
                return inside.Where((s, d) => from[d + 1] < 0 || from[d + 1] >= s).Any() ? there.ZeroPoint : space[from];
            });

            var back = new OneOperator(BuiltinOperator.BATCH_TO_SPACE_ND, null, seed);
            Elements batch = back.Input([n * positions, .. small, c]);
            back.Constant([block.Length], block);
            back.Constant([block.Length, 2], border);
            back.Output([n, .. inside, c]);
            back.Expect(i =>
            {
                int[] at = [.. block.Select((b, d) => i[d + 1] + border[2 * d])];
                int position = two ? at[0] % block[0] * block[1] + at[1] % block[1] : at[0] % block[0];
                return batch[[position * n + i[0], .. at.Select((a, d) => a / block[d]), i[^1]]];
            });
        }
    }

    [Fact]
    public void Tile_and_broadcast_repeat_and_reverse_turns_round()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 5), 4), times = random.Shape(shape.Length, 3);
            TfliteType type = random.ElementType();
            var tile = new OneOperator(BuiltinOperator.TILE, null, seed, type);
            Elements tiled = tile.Input(shape);
            tile.Constant([shape.Length], times);
            tile.Output([.. shape.Select((n, d) => n * times[d])]);
            tile.Expect(i => tiled[[.. i.Select((n, d) => n % shape[d])]]);

            int[] narrow = [.. shape.Select(n => random.Next(2) == 0 ? 1 : n)], wide = [random.Next(1, 4), .. shape];
            var spread = new OneOperator(BuiltinOperator.BROADCAST_TO, null, seed, type);
            Elements one = spread.Input(narrow);
            spread.Constant([wide.Length], wide);
            spread.Output(wide);
            spread.Expect(i => one[[.. narrow.Select((n, d) => n == 1 ? 0 : i[d + 1])]]);

            int[] axes = [.. Enumerable.Range(0, shape.Length).Where(_ => random.Next(2) == 0)];
            if (axes.Length == 0) continue;
            var reverse = new OneOperator(BuiltinOperator.REVERSE_V2, null, seed, type);
            Elements turned = reverse.Input(shape);
            reverse.Constant([axes.Length], axes);
            reverse.Output(shape);
            reverse.Expect(i => turned[[.. i.Select((n, d) => axes.Contains(d) ? shape[d] - 1 - n : n)]]);
        }
    }

    [Fact]
    public void Reshape_squeeze_and_expand_take_no_layer_and_no_memory()
    {
        foreach ((BuiltinOperator op, int[] from, int[] to) in new (BuiltinOperator, int[], int[])[]
        {
            (BuiltinOperator.RESHAPE, [2, 3, 4], [4, 6]), (BuiltinOperator.SQUEEZE, [1, 3, 1, 4], [3, 4]), (BuiltinOperator.EXPAND_DIMS, [3, 4], [3, 1, 4]),
        })
        {
            var one = new OneOperator(op, null, 1);
            Elements input = one.Input(from);
            one.Output(to);
            PackResult packed = one.Pack();
            Assert.Empty(packed.Model.Layers);
            Assert.Equal(input.Data.Length, packed.Plan.TotalBytes);
            Assert.Equal(input.Data, one.Run().Single().Data);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(-3, 1)]
    public void A_permutation_that_is_none_is_refused(int first, int second)
    {
        var one = new OneOperator(BuiltinOperator.TRANSPOSE, null, 1);
        one.Input(3, 4);
        one.Constant([2], first, second);
        one.Output(4, 3);
        Assert.Contains("permutation", Assert.Throws<UnsupportedModelException>(one.Pack).Message);
    }
}
