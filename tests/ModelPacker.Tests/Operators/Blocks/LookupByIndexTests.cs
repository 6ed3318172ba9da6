using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Tests.Support;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>GATHER with indices that the device reads, ARG_MAX and ARG_MIN, and key/value caches.</summary>
public class LookupByIndexTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Gather_takes_the_slices_that_computed_indices_name(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 25; round++)
        {
            int batchDims = random.Next(2), axis = batchDims + random.Next(2), size = random.Next(1, 7);
            int[] shape = random.Shape(axis + 1 + random.Next(3), 4), ids = [.. shape[..batchDims], .. random.Shape(random.Next(1, 3), 4)];
            shape[axis] = size;
            bool constant = random.Next(2) == 0;
            Tensor data = Activation("x", shape, 0.1f, 3), indices = BlockNode.Ids("i", ids);
            sbyte[] x = Values(random, data.Count);
            if (constant) data.Data = Bytes(x);
            Tensor output = Activation("y", [.. shape[..axis], .. ids[batchDims..], .. shape[(axis + 1)..]], 0.1f, 3);
            Node node = Node(BuiltinOperator.GATHER, new GatherOptions(axis, batchDims), [data, indices], output);
            int[] values = [.. Enumerable.Range(0, indices.Count).Select(_ => random.Next(-size - 2, size + 2))];
            sbyte[] actual = Signed(BlockNode.Run(node, constant ? [BlockNode.Words(values)] : [Bytes(x), BlockNode.Words(values)]));

            var elements = new Elements(shape, 1, Bytes(x));
            var names = new Elements(ids, 4, BlockNode.Words(values));
            Elements expected = Elements.Make(output.Shape, 1, at =>
            {
                int[] chosen = at[axis..(axis + ids.Length - batchDims)];
                int index = (int)names[[.. at[..batchDims], .. chosen]];
                index = Math.Clamp(index < 0 ? index + size : index, 0, size - 1);
                return elements[[.. at[..axis], index, .. at[(axis + ids.Length - batchDims)..]]];
            });
            Assert.Equal(expected.Data, Bytes(actual));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Gather_nd_takes_the_slices_that_rows_of_indices_name(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 30; round++)
        {
            int[] shape = random.Shape(random.Next(1, 5), 4);
            int depth = random.Next(1, shape.Length + 1);
            int[] ids = [.. random.Shape(random.Next(0, 3), 3), depth];
            Tensor data = Activation("x", shape, 0.1f, 3), indices = BlockNode.Ids("i", ids);
            sbyte[] x = Values(random, data.Count);
            int[] values = [.. Enumerable.Range(0, indices.Count).Select(i => random.Next(-shape[i % depth], shape[i % depth]))];
            bool constant = round % 3 == 0;
            if (constant) indices = new Tensor { Name = "i", Type = TfliteType.INT64, Shape = ids, Data = [.. values.SelectMany(v => BitConverter.GetBytes((long)v))] };
            Node node = Node(BuiltinOperator.GATHER_ND, null, [data, indices], Activation("y", [.. ids[..^1], .. shape[depth..]], 0.1f, 3));
            var elements = new Elements(shape, 1, Bytes(x));
            var names = new Elements(ids, 4, BlockNode.Words(values));
            Elements expected = Elements.Make(node.Output.Shape, 1, at =>
            {
                int[] first = at[..(ids.Length - 1)], rest = at[(ids.Length - 1)..];
                int[] index = [.. Enumerable.Range(0, depth).Select(d => (int)names[[.. first, d]]).Select((v, d) => v < 0 ? v + shape[d] : v)];
                return elements[[.. index, .. rest]];
            });
            Assert.Equal(expected.Data, BlockNode.Run(node, constant ? [Bytes(x)] : [Bytes(x), BlockNode.Words(values)]));
        }
    }

    [Fact]
    public void Gather_with_batch_dimensions_and_constant_indices_only_moves()
    {
        var random = new Random(8);
        Tensor indices = new() { Name = "i", Type = TfliteType.INT32, Shape = [2, 3], Data = BlockNode.Words(3, 1, 0, 2, 2, 3) };
        Node node = Node(BuiltinOperator.GATHER, new GatherOptions(1, 1), [Activation("x", [2, 4, 5], 0.1f, 0), indices], Activation("y", [2, 3, 5], 0.1f, 0));
        sbyte[] x = Values(random, 40), actual = Signed(BlockNode.Run(node, Bytes(x)));
        int[] rows = [3, 1, 0, 4 + 2, 4 + 2, 4 + 3];
        Assert.Equal(rows.SelectMany(r => x.Skip(5 * r).Take(5)), actual);
    }

    [Fact]
    public void An_embedding_stays_in_the_pack_however_large_it_is()
    {
        Tensor table = Activation("e", [5000, 8], 0.1f, 0);
        table.Data = new byte[40000];
        LoweredModel model = SingleNode.Lower(Node(BuiltinOperator.GATHER, null, [table, BlockNode.Ids("i", 4)], Activation("y", [4, 8], 0.1f, 0)));
        Assert.Equal(48, model.Buffers.Sum(b => b.Bytes));
        Assert.Equal(0, model.Layers[0].WindowBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Arg_max_names_the_first_of_the_extremes(bool minimum)
    {
        var random = new Random(minimum ? 1 : 2);
        for (int round = 0; round < 40; round++)
        {
            int[] shape = random.Shape(random.Next(1, 4), 6);
            (int axis, int written) = random.Axis(shape.Length);
            int[] kept = [.. shape[..axis], .. shape[(axis + 1)..]];
            var output = new Tensor { Name = "y", Type = TfliteType.INT32, Shape = kept };
            Node node = Node(
                minimum ? BuiltinOperator.ARG_MIN : BuiltinOperator.ARG_MAX, minimum ? new ArgMinOptions() : new ArgMaxOptions(),
                [Activation("x", shape, 0.1f, 0), Int32("a", written)], output);
            sbyte[] x = [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (sbyte)(random.Next(3) * 100 - 128))];
            var elements = new Elements(shape, 1, Bytes(x));
            Elements expected = Elements.Make(kept, 4, at =>
            {
                sbyte[] line = [.. Enumerable.Range(0, shape[axis]).Select(i => (sbyte)elements[[.. at[..axis], i, .. at[axis..]]])];
                return Array.IndexOf(line, minimum ? line.Min() : line.Max());
            });
            Assert.Equal(expected.Data, BlockNode.Run(node, Bytes(x)));
        }
    }

    [Fact]
    public void A_cache_keeps_what_was_written_until_it_is_reset()
    {
        Node Make() => new()
        {
            Operator = BuiltinOperator.CUSTOM, CustomCode = "CACHE", Options = new CacheOptions(4), Origin = 0, Variable = new Variable { Name = "k" },
            Inputs = [Activation("x", [2, 1, 3], 0.1f, 5), BlockNode.Ids("p", 1)], Outputs = [Activation("y", [2, 4, 3], 0.1f, 5)],
        };
        foreach (int runner in new[] { 0, 1 })
        {
            var session = SingleNode.Runners(Make())[runner];
            sbyte[] expected = [.. Enumerable.Repeat((sbyte)5, 24)];
            foreach ((int position, int row) in new[] { (0, 0), (2, 2), (1, 1), (3, 3), (9, 3), (-4, 0) })
            {
                sbyte[] x = [.. Enumerable.Range(0, 6).Select(i => (sbyte)(10 * row + i + position))];
                for (int i = 0; i < 6; i++) expected[i / 3 * 12 + row * 3 + i % 3] = x[i];
                Assert.Equal(expected, Signed(session.Run([Bytes(x), BlockNode.Words(position)])[0]));
            }

            session.Reset();
            byte[] first = session.Run([new byte[6], BlockNode.Words(0)])[0];
            Assert.Equal(5, first[3]);
        }
    }

    [Fact]
    public void What_cannot_run_is_refused_in_words()
    {
        Tensor x = Activation("x", [2, 4, 5], 0.1f, 0);
        Tensor wide = new() { Name = "i", Type = TfliteType.INT64, Shape = [3] };
        Assert.Contains("int32 is what the device reads", Refusal(Node(BuiltinOperator.GATHER, null, [x, wide], Activation("y", [3, 4, 5], 0.1f, 0))));
        Assert.Contains("batch dimensions", Refusal(Node(BuiltinOperator.GATHER, new GatherOptions(1, 1), [x, BlockNode.Ids("i", 3, 2)], Activation("y", [2, 2, 5], 0.1f, 0))));
        Assert.Contains("int32 is what the device gives", Refusal(Node(BuiltinOperator.ARG_MAX, null, [x, Int32("a", 0)], Activation("y", [4, 5], 1, 0))));
        Assert.Contains("do not name slices", Refusal(Node(BuiltinOperator.GATHER_ND, null, [x, BlockNode.Ids("i", 2, 4)], Activation("y", [2], 0.1f, 0))));
        Node cache = BlockNode.Of(new CacheOptions(3), [x, BlockNode.Ids("p", 1)], Activation("y", [2, 3, 5], 0.1f, 0));
        Assert.Contains("no variable", Refusal(cache));
        cache.Variable = new Variable { Name = "v" };
        Assert.Contains("3 rows do not hold", Refusal(cache));
    }
}
