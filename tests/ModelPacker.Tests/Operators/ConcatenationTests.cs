using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>CONCATENATION, PACK, UNPACK, SPLIT and SPLIT_V against index-by-index definitions.</summary>
public class ConcatenationTests
{
    [Fact]
    public void Concatenation_puts_the_inputs_side_by_side()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 6));
            (int axis, int written) = random.Axis(shape.Length);
            var one = new OneOperator(BuiltinOperator.CONCATENATION, new ConcatenationOptions(written), seed, random.ElementType());
            var parts = new List<Elements>();
            for (int i = random.Next(1, 5); i > 0; i--) parts.Add(one.Input([.. shape.Select((n, d) => d == axis ? random.Next(1, 5) : n)]));
            one.Output([.. shape.Select((n, d) => d == axis ? parts.Sum(p => p.Shape[axis]) : n)]);
            one.Expect(index =>
            {
                int at = index[axis], part = 0;
                while (at >= parts[part].Shape[axis]) at -= parts[part++].Shape[axis];
                return parts[part][[.. index.Select((n, d) => d == axis ? at : n)]];
            });
        }
    }

    [Fact]
    public void Pack_adds_a_dimension_and_unpack_takes_it_away()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 5));
            int count = random.Next(1, 5);
            (int axis, int written) = random.Axis(shape.Length + 1);
            TfliteType type = random.ElementType();
            var pack = new OneOperator(BuiltinOperator.PACK, new PackOptions(count, written), seed, type);
            Elements[] parts = [.. Enumerable.Range(0, count).Select(_ => pack.Input(shape))];
            int[] packed = [.. shape[..axis], count, .. shape[axis..]];
            pack.Output(packed);
            pack.Expect(index => parts[index[axis]][[.. index[..axis], .. index[(axis + 1)..]]]);

            var unpack = new OneOperator(BuiltinOperator.UNPACK, new UnpackOptions(count, written), seed, type);
            Elements whole = unpack.Input(packed);
            for (int i = 0; i < count; i++) unpack.Output(shape);
            Elements[] outputs = unpack.Run();
            for (int i = 0; i < count; i++)
                Assert.Equal(Elements.Make(shape, unpack.Width, index => whole[[.. index[..axis], i, .. index[axis..]]]).Data, outputs[i].Data);
        }
    }

    [Fact]
    public void Split_cuts_into_equal_and_split_v_into_given_parts()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            bool sized = random.Next(2) == 0;
            int[] shape = random.Shape(random.Next(1, 5));
            (int axis, int written) = random.Axis(shape.Length);
            int count = random.Next(1, 4), equal = random.Next(1, 4);
            int[] sizes = [.. Enumerable.Range(0, count).Select(_ => sized ? random.Next(1, 4) : equal)];
            shape[axis] = sizes.Sum();
            var one = new OneOperator(
                sized ? BuiltinOperator.SPLIT_V : BuiltinOperator.SPLIT, sized ? new SplitVOptions(count) : new SplitOptions(count), seed, random.ElementType());
            if (!sized) one.Constant([], written);
            Elements input = one.Input(shape);
            int rest = random.Next(count);
            if (sized) one.Constant([count], [.. sizes.Select((s, i) => i == rest && random.Next(2) == 0 ? -1 : s)]);
            if (sized) one.Constant([], written);
            foreach (int size in sizes) one.Output([.. shape.Select((n, d) => d == axis ? size : n)]);
            Elements[] outputs = one.Run();
            for (int i = 0; i < count; i++)
            {
                int from = sizes[..i].Sum();
                Elements expected = Elements.Make(outputs[i].Shape, one.Width, index => input[[.. index.Select((n, d) => d == axis ? n + from : n)]]);
                Assert.Equal(expected.Data, outputs[i].Data);
            }
        }
    }

    [Fact]
    public void Contiguous_parts_are_views_and_take_no_layer()
    {
        var one = new OneOperator(BuiltinOperator.SPLIT, new SplitOptions(2), 1);
        one.Constant([], 1);
        one.Input(1, 6, 2, 5);
        one.Output(1, 3, 2, 5);
        one.Output(1, 3, 2, 5);
        PackResult packed = one.Pack();
        Assert.Empty(packed.Model.Layers);
        Assert.Equal(60, packed.Plan.TotalBytes);
    }

    [Theory]
    [InlineData(7, "not a dimension")]
    [InlineData(2, "does not fit")]
    public void Concatenation_along_a_wrong_axis_is_refused(int axis, string reason)
    {
        var one = new OneOperator(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), 1);
        one.Input(1, 2, 3);
        one.Input(1, 3, 3);
        one.Output(1, 5, 3);
        Assert.Contains(reason, Assert.Throws<UnsupportedModelException>(one.Pack).Message);
    }
}
