namespace TinyAI.CostModel;

/// <summary>
/// A group of IL operations that cost an interpreter about the same.
/// </summary>
/// <param name="Name">The key in a board's table.</param>
/// <param name="Like">The class whose cost stands in where a table does not give this one; null for the unit itself.</param>
/// <param name="Factor">What that cost is multiplied with.</param>
public sealed record CostClass(string Name, string? Like, double Factor);

/// <summary>
/// Every cost class. The unit is one i4 addition on the evaluation stack. A table need not name all classes: what is
/// missing is taken from a related class, in the ratio that the host build of the nanoFramework interpreter shows, so
/// that a table with a dozen measured operations predicts as a whole.
/// </summary>
public static class CostClasses
{
    /// <summary>The unit of all costs.</summary>
    public const string Unit = "add.i4";

    /// <summary>All classes; each comes after the one it falls back on.</summary>
    public static IReadOnlyList<CostClass> All { get; } =
    [
        new(Unit, null, 1), new("sub.i4", Unit, 1), new("add.i8", Unit, 0.84), new("sub.i8", "add.i8", 1),
        new("mul.i4", Unit, 0.88), new("mul.i8", "mul.i4", 0.93), new("div.i4", Unit, 1), new("div.i8", "div.i4", 1),
        new("and.i4", Unit, 0.37), new("and.i8", "and.i4", 1), new("shift.i4", Unit, 0.24), new("shift.i8", "shift.i4", 1), new("neg", "and.i4", 1),
        new("float", Unit, 2),

        new("ldloc", Unit, 0.43), new("stloc", "ldloc", 1), new("ldarg", "ldloc", 1), new("starg", "stloc", 1), new("ldloca", "ldloc", 1),
        new("ldc", Unit, 0.3), new("ldc.i8", "ldc", 1), new("dup", "ldloc", 1), new("pop", "ldc", 1),

        // compare-branch takes two operands from the stack, branch.if one, branch none.
        new("compare-branch", Unit, 1.1), new("branch.if", "compare-branch", 0.7), new("branch", "branch.if", 0.5), new("compare", "compare-branch", 1),
        new("switch", "branch.if", 1),

        new("conv.i1", Unit, 0.75), new("conv.i4", "conv.i1", 0.67), new("conv.i8", Unit, 0.62),

        new("ldelem.i1", Unit, 1.4), new("ldelem.i2", "ldelem.i1", 1.36), new("ldelem.i4", "ldelem.i1", 1.29), new("ldelem.i8", "ldelem.i1", 1.21),
        new("ldelem.ref", "ldelem.i4", 1), new("stelem.i1", Unit, 1.6), new("stelem.i2", "stelem.i1", 1.06), new("stelem.i4", "stelem.i1", 1.13),
        new("stelem.i8", "stelem.i4", 1), new("stelem.ref", "stelem.i4", 4.75), new("ldelema", "ldelem.i4", 1), new("ldind", "ldelem.i4", 0.5),
        new("stind", "stelem.i4", 0.5), new("ldlen", Unit, 0.5),

        new("ldsfld", Unit, 1.6), new("stsfld", "ldsfld", 1), new("ldfld", Unit, 1.5), new("stfld", Unit, 2.0), new("struct-field", Unit, 14),

        new("call.static", Unit, 4.85), new("call.instance", "call.static", 1.01), new("call.virtual", "call.static", 1.75),
        new("call.interface", "call.static", 1.77), new("call.delegate", "call.static", 1.46), new("call.external", "call.static", 3.5),
        // A call's figure covers its return; an external one is a call of Array.Copy for a few elements. Each local of the
        // method that is called is prepared by the interpreter, whether it is used or not; arguments cost only their loads.
        new("ret", Unit, 0), new("call.local", "ldloc", 1),
        new("newobj", Unit, 17), new("newarr", Unit, 6.3), new("box", "newobj", 1), new("cast", "ldfld", 1), new("throw", "newobj", 3),
        new("leave", "branch", 1), new("other", Unit, 1), new("nop", Unit, 0.1),
    ];

    private static readonly Dictionary<string, int> s_index = All.Select((c, i) => (c.Name, i)).ToDictionary(p => p.Name, p => p.i);

    /// <summary>Position of a class in <see cref="All"/>.</summary>
    public static int IndexOf(string name) => s_index[name];

    /// <summary>Whether there is such a class.</summary>
    public static bool Exists(string name) => s_index.ContainsKey(name);
}
