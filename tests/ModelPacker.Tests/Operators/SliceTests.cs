using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>SLICE, STRIDED_SLICE and GATHER against index-by-index definitions.</summary>
public class SliceTests
{
    [Fact]
    public void Slice_takes_a_box()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 6));
            int[] begin = [.. shape.Select(n => random.Next(n))];
            int[] size = [.. shape.Select((n, d) => random.Next(1, n - begin[d] + 1))];
            var one = new OneOperator(BuiltinOperator.SLICE, null, seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant([shape.Length], begin);
            one.Constant([shape.Length], [.. size.Select((s, d) => s == shape[d] - begin[d] && random.Next(2) == 0 ? -1 : s)]);
            one.Output(size);
            one.Expect(index => input[[.. index.Select((n, d) => n + begin[d])]]);
        }
    }

    /// <summary>Slices as Python writes them, evaluated by listing the indices that Python's range gives.</summary>
    [Fact]
    public void Strided_slice_takes_what_the_python_slice_says_forwards_and_backwards()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 5), 6);
            int rank = shape.Length, beginMask = random.Next(1 << rank), endMask = random.Next(1 << rank), shrinkMask = random.Next(4) == 0 ? random.Next(1 << rank) : 0;
            var begin = new int[rank];
            var end = new int[rank];
            var strides = new int[rank];
            var taken = new List<int>[rank];
            for (int d = 0; d < rank; d++)
            {
                do
                {
                    (begin[d], end[d]) = (random.Next(-2 * shape[d], 2 * shape[d] + 1), random.Next(-2 * shape[d], 2 * shape[d] + 1));
                    strides[d] = random.Next(3) == 0 ? -random.Next(1, 4) : random.Next(1, 4);
                    if ((shrinkMask >> d & 1) != 0) (begin[d], strides[d], beginMask) = (random.Next(-shape[d], shape[d]), 1, beginMask & ~(1 << d));
                    taken[d] = (shrinkMask >> d & 1) != 0
                        ? [begin[d] < 0 ? begin[d] + shape[d] : begin[d]]
                        : Taken(shape[d], (beginMask >> d & 1) != 0 ? null : begin[d], (endMask >> d & 1) != 0 ? null : end[d], strides[d]);
                }
                while (taken[d].Count == 0);
            }

            var one = new OneOperator(
                BuiltinOperator.STRIDED_SLICE, new StridedSliceOptions(beginMask, endMask, ShrinkAxisMask: shrinkMask), seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant([rank], begin);
            one.Constant([rank], end);
            one.Constant([rank], strides);
            int[] kept = [.. Enumerable.Range(0, rank).Where(d => (shrinkMask >> d & 1) == 0)];
            one.Output([.. kept.Select(d => taken[d].Count)]);
            one.Expect(index =>
            {
                int[] from = [.. taken.Select(t => t[0])];
                for (int k = 0; k < kept.Length; k++) from[kept[k]] = taken[kept[k]][index[k]];
                return input[from];
            });
        }
    }

    [Fact]
    public void Strided_slice_knows_ellipsis_new_axis_and_end_as_length()
    {
        var one = new OneOperator(BuiltinOperator.STRIDED_SLICE, new StridedSliceOptions(EllipsisMask: 0b010, NewAxisMask: 0b001), 1);
        Elements input = one.Input(2, 3, 4, 5);
        one.Constant([3], 0, 0, 1);
        one.Constant([3], 0, 0, 4);
        one.Constant([3], 1, 1, 2);
        one.Output(1, 2, 3, 4, 2);
        one.Expect(i => input[i[1], i[2], i[3], 1 + 2 * i[4]]);

        one = new OneOperator(BuiltinOperator.STRIDED_SLICE, new StridedSliceOptions(Offset: true), 1);
        Elements row = one.Input(9);
        one.Constant([1], 2);
        one.Constant([1], 3);
        one.Constant([1], 1);
        one.Output(3);
        one.Expect(i => row[i[0] + 2]);
    }

    [Fact]
    public void Gather_takes_slices_in_any_order()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 5)), places = random.Shape(random.Next(0, 3));
            (int axis, int written) = random.Axis(shape.Length);
            int count = places.Aggregate(1, (a, b) => a * b);
            int[] indices = [.. Enumerable.Range(0, count).Select(_ => random.Next(shape[axis]))];
            var one = new OneOperator(BuiltinOperator.GATHER, new GatherOptions(written), seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant(places, indices);
            one.Output([.. shape[..axis], .. places, .. shape[(axis + 1)..]]);
            one.Expect(i =>
            {
                int at = 0;
                for (int d = 0; d < places.Length; d++) at = at * places[d] + i[axis + d];
                return input[[.. i[..axis], indices[at], .. i[(axis + places.Length)..]]];
            });
        }
    }

    [Fact]
    public void A_slice_of_the_outermost_dimension_is_a_view()
    {
        var one = new OneOperator(BuiltinOperator.SLICE, null, 1);
        one.Input(1, 6, 4);
        one.Constant([3], 0, 2, 0);
        one.Constant([3], 1, 3, 4);
        one.Output(1, 3, 4);
        Assert.Empty(one.Pack().Model.Layers);
    }

    [Fact]
    public void A_slice_outside_its_tensor_is_refused()
    {
        var one = new OneOperator(BuiltinOperator.SLICE, null, 1);
        one.Input(4, 4);
        one.Constant([2], 0, 2);
        one.Constant([2], 4, 3);
        one.Output(4, 3);
        Assert.Contains("outside dimension 1", Assert.Throws<UnsupportedModelException>(one.Pack).Message);
    }

    private static List<int> Taken(int size, int? begin, int? end, int stride)
    {
        int start = begin is { } b ? (b < 0 ? b + size : b) : stride > 0 ? 0 : size - 1;
        int stop = end is { } e ? (e < 0 ? e + size : e) : stride > 0 ? size : -1;
        if (begin is not null) start = stride > 0 ? Math.Clamp(start, 0, size) : Math.Clamp(start, -1, size - 1);
        if (end is not null) stop = stride > 0 ? Math.Clamp(stop, 0, size) : Math.Clamp(stop, -1, size - 1);
        var taken = new List<int>();
        for (int i = start; stride > 0 ? i < stop : i > stop; i += stride) taken.Add(i);
        return taken;
    }
}
