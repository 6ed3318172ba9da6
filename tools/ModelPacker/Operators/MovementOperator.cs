using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// An operator that only moves elements. It says with a <see cref="MovePlan"/> where each comes from; the same plan is
/// lowered to device copies, carried out at pack time on constants, and asked whether anything moves at all.
/// </summary>
internal abstract class MovementOperator : Operator
{
    /// <summary>Every reason why the moves make no sense, whatever the elements are.</summary>
    protected abstract IEnumerable<string> CheckMoves(Node node);

    /// <inheritdoc/>
    public sealed override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. CheckMoves(node)];
        return wrong.Length > 0 ? wrong : node.Outputs.SelectMany(Movement.Movable);
    }

    /// <summary>The results of a node whose data is all constant, or null where it is not or the node is not sound.</summary>
    public byte[][]? Fold(Node node)
    {
        if (CheckMoves(node).Any() || DataInputs(node).Any(i => !node.Input(i).IsConstant)) return null;
        if (node.Outputs.Any(o => o.Shape.Any(d => d <= 0))) return null;
        return [.. node.Outputs.Select((o, i) => Plan(node, i).Apply(input => node.Input(input).Data!, o.Bytes))];
    }

    /// <summary>Whether the only output is the first input's bytes in the same order, so that only the shape changes.</summary>
    public bool MovesNothing(Node node)
    {
        if (node.Outputs.Count != 1 || CheckMoves(node).Any() || node.Output.Shape.Any(d => d <= 0)) return false;
        return OneRun(Plan(node, 0), node.Output) is { From: 0 } move && move.Bytes == node.Input(move.Input).Bytes;
    }

    /// <summary>The moves that make one output of a node that has passed the check.</summary>
    public abstract MovePlan Plan(Node node, int output);

    /// <summary>Which inputs hold elements, not axes or sizes.</summary>
    public virtual IEnumerable<int> DataInputs(Node node) => [0];

    /// <summary>
    /// A contiguous piece of one input becomes a view of it. Otherwise the output gets memory of its own, or the place
    /// kept for it in the output of a later concatenation, and one copy per move; an input that was produced in its
    /// place here already needs none. Constants are written where they belong.
    /// </summary>
    public override void Lower(Node node, Lowering lowering)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            Tensor output = node.Outputs[i];
            MovePlan plan = Plan(node, i);
            if (OneRun(plan, output) is { } view && !node.Input(view.Input).IsConstant)
            {
                Place source = lowering.PlaceOf(node.Input(view.Input), node);
                lowering.View(output, new Place(source.Buffer, source.Offset + view.From, view.Bytes));
                continue;
            }

            Place place = lowering.Create(output);
            if (plan.Background is not null) MoveLayers.Background(lowering, node, place, plan.Background);
            foreach (Move move in plan.Moves) Lower(node, lowering, move, place);
        }
    }

    /// <summary>The move that is the whole plan and leaves all bytes in their order, or null.</summary>
    public static Move? OneRun(MovePlan plan, Tensor output) =>
        plan.Background is null && plan.Moves is [{ IsOneRun: true, To: 0 } move] && move.Bytes == output.Bytes ? move : null;

    private static void Lower(Node node, Lowering lowering, Move move, Place output)
    {
        Tensor input = node.Input(move.Input);
        var slice = new Place(output.Buffer, output.Offset + move.To, move.Bytes);
        if (input.IsConstant && move.IsOneRun)
        {
            lowering.AddConstant(input.Data![move.From..(move.From + move.Bytes)], move.Bytes / input.ElementBytes, node, slice);
            return;
        }

        Place source = lowering.PlaceOf(input, node);
        if (move.IsOneRun && source.Buffer == slice.Buffer && source.Offset + move.From == slice.Offset) return;
        MoveLayers.Copy(lowering, node, source, move.From, output, move.To, move.Axes);
    }
}
