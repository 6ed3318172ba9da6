namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>What generated code should rather be.</summary>
public enum Optimise
{
    /// <summary>Small in flash.</summary>
    Size,

    /// <summary>Fast.</summary>
    Speed,
}

/// <summary>Limits of generated code. The defaults are those of the nanoFramework CLR with room to spare.</summary>
public sealed record CodeOptions
{
    /// <summary>Estimated IL bytes at which a layer's code is split into another method.</summary>
    public int MethodIlBytes { get; init; } = 56_000;

    /// <summary>Estimated IL bytes at which code goes into another assembly; the CLR's limit is 65,535.</summary>
    public int AssemblyIlBytes { get; init; } = 60_000;

    /// <summary>
    /// Activations that a method holds in locals, where the whole window fits; larger windows are read in pieces, so that
    /// more locals are left for sums. A method may have 255 locals in all.
    /// </summary>
    public int WindowLocals { get; init; } = 176;

    /// <summary>Locals of a method, the activations included.</summary>
    public int MethodLocals { get; init; } = 240;

    /// <summary>Flash for generated code. Layers that gain least from it call kernels where it is too little for all.</summary>
    public long MaxCodeBytes { get; init; } = 1_600_000;

    /// <summary>What to prefer where time can be bought with flash.</summary>
    public Optimise Optimise { get; init; } = Optimise.Speed;

    /// <summary>Share of the model's time that must be saved for each share by which its flash grows, where speed is preferred and flash is enough.</summary>
    public double TimePerFlash { get; init; } = 0.125;

    /// <summary>Flash per learned number that is enough. Where it is more, flash is dearer, as long as the model stays fast.</summary>
    public double BytesPerWeight { get; init; } = 5;

    /// <summary>
    /// A model is fast where straightforward loops would take so many times its time, by estimates of both: fifteen, and a little for
    /// what the estimates are off by.
    /// </summary>
    public double TimesFaster { get; init; } = 15.12;

    /// <summary>Layers of the pack whose weights become code; null: all that can. The others call kernels, with weights on the heap.</summary>
    public IReadOnlySet<int>? CodeLayers { get; init; }

    /// <summary>Whether a max pooling after a convolution is computed on its accumulators.</summary>
    public bool FusePooling { get; init; } = true;

    /// <summary>Output channels (or positions) that may share one 64-bit sum. This and the following are for measuring what each gives.</summary>
    public int MostLanes { get; init; } = 4;

    /// <summary>Whether activations that neighbouring windows share stay in locals.</summary>
    public bool SlideWindows { get; init; } = true;

    /// <summary>Whether one test finds a value outside of int8, rather than one for each bound.</summary>
    public bool OneTestForBounds { get; init; } = true;

    /// <summary>Whether weights may be arguments of calls, rather than constants in sums.</summary>
    public bool WeightsAsArguments { get; init; } = true;

    /// <summary>Whether the smallest constants that requantise exactly are searched for, rather than taking the reference's.</summary>
    public bool SearchRequantisation { get; init; } = true;
}
