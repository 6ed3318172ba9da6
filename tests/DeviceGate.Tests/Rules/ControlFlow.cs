using Mono.Cecil.Cil;

namespace TinyAI.DeviceGate.Rules;

/// <summary>
/// Basic blocks of a method, which of them can still return, and its innermost loops. A loop is what flows back along an
/// edge to a block that dominates the edge's source; it is innermost where it contains no other loop's head.
/// </summary>
internal sealed class ControlFlow
{
    private readonly List<Block> _blocks = [];

    public ControlFlow(MethodBody body)
    {
        var starts = new HashSet<Instruction>();
        if (body.Instructions.Count > 0) starts.Add(body.Instructions[0]);
        foreach (Instruction i in body.Instructions)
        {
            foreach (Instruction target in Targets(i)) starts.Add(target);
            if (Ends(i) && i.Next is not null) starts.Add(i.Next);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            starts.Add(handler.TryStart);
            starts.Add(handler.HandlerStart);
            if (handler.FilterStart is not null) starts.Add(handler.FilterStart);
        }

        foreach (Instruction i in body.Instructions)
        {
            if (starts.Contains(i)) _blocks.Add(new Block(_blocks.Count));
            _blocks[^1].Instructions.Add(i);
        }

        Connect(body);
        MarkReturning();
    }

    /// <summary>Instructions from which the method can still return: all others lead to a throw.</summary>
    public IEnumerable<Instruction> Returning => _blocks.Where(b => b.CanReturn).SelectMany(b => b.Instructions);

    /// <summary>Instructions inside innermost loops, each once.</summary>
    public IEnumerable<Instruction> InnermostLoops()
    {
        HashSet<int>[] dominators = Dominators();
        var loops = new List<(int Head, HashSet<int> Body)>();
        foreach (Block source in _blocks)
        {
            foreach (Block head in source.Next.Where(h => dominators[source.Index].Contains(h.Index)))
            {
                HashSet<int> body = LoopBody(head, source);
                int same = loops.FindIndex(l => l.Head == head.Index);
                if (same >= 0) loops[same].Body.UnionWith(body);
                else loops.Add((head.Index, body));
            }
        }

        var inside = new HashSet<int>();
        foreach ((int head, HashSet<int> body) in loops)
        {
            if (!loops.Any(l => l.Head != head && body.Contains(l.Head))) inside.UnionWith(body);
        }

        return _blocks.Where(b => inside.Contains(b.Index)).SelectMany(b => b.Instructions);
    }

    private static bool Ends(Instruction i) =>
        i.OpCode.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch or FlowControl.Return or FlowControl.Throw;

    private static IEnumerable<Instruction> Targets(Instruction i) => i.Operand switch
    {
        Instruction one => [one],
        Instruction[] many => many,
        _ => [],
    };

    private void Connect(MethodBody body)
    {
        var at = _blocks.ToDictionary(b => b.Instructions[0], b => b);
        foreach (Block block in _blocks)
        {
            Instruction last = block.Instructions[^1];
            foreach (Instruction target in Targets(last)) Link(block, at[target]);
            bool fallsThrough = last.OpCode.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);
            if (fallsThrough && last.Next is not null) Link(block, at[last.Next]);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            Link(at[handler.TryStart], at[handler.HandlerStart]);
            if (handler.FilterStart is not null) Link(at[handler.TryStart], at[handler.FilterStart]);
        }
    }

    private static void Link(Block from, Block to)
    {
        from.Next.Add(to);
        to.Previous.Add(from);
    }

    private void MarkReturning()
    {
        // endfinally and endfilter have the flow of a return: code after them goes on.
        var open = new Stack<Block>(_blocks.Where(b => b.Instructions[^1].OpCode.FlowControl == FlowControl.Return));
        while (open.TryPop(out Block? block))
        {
            if (block.CanReturn) continue;
            block.CanReturn = true;
            foreach (Block before in block.Previous) open.Push(before);
        }
    }

    private HashSet<int>[] Dominators()
    {
        var all = Enumerable.Range(0, _blocks.Count).ToArray();
        var dominators = all.Select(i => i == 0 ? new HashSet<int> { 0 } : [.. all]).ToArray();
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block block in _blocks.Skip(1).Where(b => b.Previous.Count > 0))
            {
                var next = new HashSet<int>(dominators[block.Previous[0].Index]);
                foreach (Block before in block.Previous.Skip(1)) next.IntersectWith(dominators[before.Index]);
                next.Add(block.Index);
                if (next.SetEquals(dominators[block.Index])) continue;
                dominators[block.Index] = next;
                changed = true;
            }
        }

        return dominators;
    }

    private static HashSet<int> LoopBody(Block head, Block source)
    {
        var body = new HashSet<int> { head.Index };
        var open = new Stack<Block>([source]);
        while (open.TryPop(out Block? block))
        {
            if (!body.Add(block.Index)) continue;
            foreach (Block before in block.Previous) open.Push(before);
        }

        return body;
    }

    private sealed class Block(int index)
    {
        public int Index => index;

        public List<Instruction> Instructions { get; } = [];

        public List<Block> Next { get; } = [];

        public List<Block> Previous { get; } = [];

        public bool CanReturn { get; set; }
    }
}
