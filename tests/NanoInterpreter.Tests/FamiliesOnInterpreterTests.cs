using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Families;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>Every model family in the interpreter: the bytes that the desktop build of the runtime gives.</summary>
public class FamiliesOnInterpreterTests(ITestOutputHelper output)
{
    /// <summary>Steps of a model that keeps a state; the others run that many inputs.</summary>
    private const int Cases = 3;

    [Fact]
    public void Every_family_gives_on_the_interpreter_what_it_gives_on_the_desktop()
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        foreach (Family family in FamilyList.All)
        {
            QuantisedFamily quantised = QuantisedFamily.Of(family);
            IReadOnlyList<float[][]>[] drawn = [.. QuantisedFamily.TestInputs(family, Cases)];
            bool keepState = drawn[0].Count > 1;
            IEnumerable<float[][]> steps = keepState ? drawn[0].Take(Cases) : drawn.Select(d => d[0]);
            List<byte[]>[] cases = [.. steps.Select(step => step.Select((v, i) => RealNumbers.Bytes(v, quantised.Float.Inputs[i].Type)).ToList())];
            var desktop = new ModelRunner(quantised.Packed.Pack);
            List<byte[]>[] expected = [.. cases.Select(c =>
            {
                if (!keepState) desktop.Reset();
                return desktop.Run(c).ToList();
            })];
            NanoRun run = ZooOnInterpreterTests.RunOnBoard(sdk, quantised.Packed, cases, keepState: keepState);
            ZooOnInterpreterTests.Compare(quantised.Packed, run, expected);
            double milliseconds = run.After("ticks").Min(t => long.Parse(t)) / 1e4;
            int heap = int.Parse(Assert.Single(run.After("heap")));
            output.WriteLine($"{family.Name}: the same bytes, heap {heap} of {quantised.Packed.Heap.Total} B in the account, {milliseconds:0} ms a run on this machine");
            Assert.Equal(quantised.Packed.Heap.Total, heap);
        }
    }
}
