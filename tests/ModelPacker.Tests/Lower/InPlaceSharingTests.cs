using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Tests.Lower;

/// <summary>When a kernel may write over what it reads.</summary>
public class InPlaceSharingTests
{
    private readonly Place _input = Lowering.Scratch("input", 12);
    private readonly Place _output = Lowering.Scratch("output", 12);

    [Fact]
    public void The_output_takes_the_memory_of_an_input_that_is_read_last()
    {
        Assert.True(Shares(Layer(_input, null)));
        Assert.True(Shares(Layer(_input, Lowering.Scratch("other", 12))));
    }

    [Fact]
    public void A_second_operand_that_is_a_view_of_the_first_forbids_it()
    {
        Assert.False(Shares(Layer(_input, new Place(_input.Buffer, 4, 4))));
        Assert.False(Shares(Layer(_input, _input)));
        Assert.True(Shares(Layer(_input, _input) with { InPlace2 = true }));
    }

    [Fact]
    public void Later_readers_parts_of_buffers_and_states_forbid_it()
    {
        Assert.False(Shares(Layer(_input, null), Layer(new Place(_input.Buffer, 2, 3), null) with { Output = Lowering.Scratch("late", 3), InPlace = false }));
        Assert.False(Shares(Layer(new Place(new Buffer { Name = "wide", Bytes = 24 }, 12, 12), null)));
        Assert.False(Shares(Layer(_input, null) with { Output = new Place(new Buffer { Name = "joined", Bytes = 24 }, 0, 12) }));
        Assert.False(Shares(Layer(new Place(new Buffer { Name = "state", Bytes = 12, IsState = true }, 0, 12), null)));
        Assert.False(Shares(Layer(_input, null) with { Scratch = _input }));
    }

    private static bool Shares(params Layer[] layers)
    {
        var model = new LoweredModel { Name = "test", Layers = [.. layers] };
        Lifetimes.Set(model);
        InPlaceSharing.Apply(model);
        return model.Layers[0].Output!.Value.Buffer == model.Layers[0].Input!.Value.Buffer;
    }

    private Layer Layer(Place input, Place? second) => new()
    {
        Kind = 0, Name = "layer", Origin = new Node { Operator = BuiltinOperator.ADD, Inputs = [], Outputs = [], Origin = 0 }, Rows = 1,
        Input = input, Input2 = second, Output = _output, InPlace = true,
    };
}
