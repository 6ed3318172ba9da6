using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>READ_VARIABLE and ASSIGN_VARIABLE: streaming models' memory.</summary>
public class VariableTests
{
    private readonly TfliteModelBuilder _builder = new();

    [Fact]
    public void A_variable_begins_at_the_zero_point_and_keeps_what_is_assigned()
    {
        (int handle, int input, int read) = (Handle(), Tensor("input", 1, 3), Tensor("read", 1, 3));
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [read]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, input], []);
        ModelRunner runner = Runner([input], [read]);
        Assert.Equal(new byte[] { 7, 7, 7 }, runner.Run([[1, 2, 3]])[0]);
        Assert.Equal(new byte[] { 1, 2, 3 }, runner.Run([[4, 5, 6]])[0]);
        runner.Reset();
        Assert.Equal(new byte[] { 7, 7, 7 }, runner.Run([[4, 5, 6]])[0]);
    }

    [Fact]
    public void A_value_read_after_the_assignment_is_the_new_one_and_one_read_before_stays_the_old_one()
    {
        (int handle, int input, int before, int after, int late) = (Handle(), Tensor("input", 4), Tensor("before", 4), Tensor("after", 4), Tensor("late", 2, 2));
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [before]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, input], []);
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [after]);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [before], [late], new ReshapeOptions(2, 2));
        ModelRunner runner = Runner([input], [after, late]);
        Assert.Equal([[1, 2, 3, 4], [7, 7, 7, 7]], runner.Run([[1, 2, 3, 4]]));
        Assert.Equal([[9, 8, 7, 6], [1, 2, 3, 4]], runner.Run([[9, 8, 7, 6]]));
    }

    [Fact]
    public void Initial_values_come_from_the_subgraph_that_runs_once()
    {
        (int handle, int input, int read) = (Handle(), Tensor("input", 2), Tensor("read", 2));
        _builder.AddOperator(BuiltinOperator.CALL_ONCE, [], [], new CallOnceOptions(1));
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [read]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, input], []);
        _builder.SetInputs(input).SetOutputs(read);
        _builder.BeginSubgraph("initialise");
        int again = Handle();
        int value = _builder.AddTensor("value", TfliteType.INT8, [2], 0.5f, 7, [40, 50]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [again, value], []);
        var runner = new ModelRunner(Packer.Pack(TfliteWriter.Write(_builder.Build()), "variable").Pack);
        Assert.Equal(new byte[] { 40, 50 }, runner.Run([[1, 2]])[0]);
        Assert.Equal(new byte[] { 1, 2 }, runner.Run([[3, 4]])[0]);
        runner.Reset();
        Assert.Equal(new byte[] { 40, 50 }, runner.Run([[1, 2]])[0]);
    }

    [Fact]
    public void Reading_takes_no_layer_where_all_readers_come_before_the_assignment()
    {
        (int handle, int input, int read, int joined, int last) = (Handle(), Tensor("input", 1, 2), Tensor("read", 3, 2), Tensor("joined", 4, 2), Tensor("last", 3, 2));
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [read]);
        _builder.AddOperator(BuiltinOperator.CONCATENATION, [read, input], [joined], new ConcatenationOptions(0));
        int begin = _builder.AddConstant("begin", TfliteType.INT32, [2], [1, 0]), size = _builder.AddConstant("size", TfliteType.INT32, [2], [3, 2]);
        _builder.AddOperator(BuiltinOperator.SLICE, [joined, begin, size], [last]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, last], []);
        _builder.SetInputs(input).SetOutputs(joined);
        PackResult packed = Packer.Pack(TfliteWriter.Write(_builder.Build()), "variable");
        Assert.Equal(3, packed.Model.Layers.Count);
        Assert.All(packed.Model.Layers, l => Assert.Equal(PackFormat.KindStridedCopy, l.Kind));
        var runner = new ModelRunner(packed.Pack);
        Assert.Equal(new byte[] { 7, 7, 7, 7, 7, 7, 1, 2 }, runner.Run([[1, 2]])[0]);
        Assert.Equal(new byte[] { 7, 7, 7, 7, 1, 2, 3, 4 }, runner.Run([[3, 4]])[0]);
    }

    [Fact]
    public void Tensors_that_do_not_fit_the_variable_are_refused()
    {
        (int handle, int input, int read) = (Handle(), Tensor("input", 5), Tensor("read", 2));
        _builder.AddOperator(BuiltinOperator.READ_VARIABLE, [handle], [read]);
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, input], []);
        Assert.Contains("differ in type or number", Assert.Throws<UnsupportedModelException>(() => Runner([input], [read])).Message);
    }

    private int Handle()
    {
        int handle = _builder.AddTensor("handle", TfliteType.RESOURCE, []);
        _builder.AddOperator(BuiltinOperator.VAR_HANDLE, [], [handle], new VarHandleOptions("", "state"));
        return handle;
    }

    private int Tensor(string name, params int[] shape) => _builder.AddTensor(name, TfliteType.INT8, shape, 0.5f, 7);

    private ModelRunner Runner(int[] inputs, int[] outputs)
    {
        _builder.SetInputs(inputs).SetOutputs(outputs);
        return new ModelRunner(Packer.Pack(TfliteWriter.Write(_builder.Build()), "variable").Pack);
    }
}
