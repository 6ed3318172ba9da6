using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Plan;

/// <summary>What a pack is made for, where speed and memory pull apart.</summary>
public enum Preference
{
    /// <summary>The least memory: rows are streamed, the input may be fed by rows, no lanes.</summary>
    Ram,

    /// <summary>
    /// The fastest plan that takes no more memory than running layer by layer without lanes would, and no more than 48 KB,
    /// which an ESP32 has to spare: lanes where they fit, rows streamed where that makes room for them. The input exists as a
    /// whole. Where even the least memory for that is more, that; where all of it is small, up to 4 KB.
    /// </summary>
    Balanced,

    /// <summary>The fastest: layer by layer, with as many lanes as there is room for.</summary>
    Speed,
}

/// <summary>Turns a preference into a plan.</summary>
public static class Preferences
{
    /// <summary>Below this a model fits wherever anything fits, and speed comes first.</summary>
    private const int SmallBytes = 4096;

    /// <summary>What an ESP32 without PSRAM has to spare.</summary>
    private const int LargeBytes = 48 * 1024;

    /// <summary>Left free beside lanes: the larger call frame of their kernels, a wider parameter array and window.</summary>
    private const int KernelFrameBytes = 2048;

    private const int MostTries = 4;

    /// <summary>Activations of a balanced plan that are tried, in parts of the limit.</summary>
    private static readonly double[] s_parts = [0, 0.4, 0.6, 0.8, 1];

    /// <summary>Plans a model.</summary>
    /// <param name="planning">The plans of the model; keep it where several preferences are asked for.</param>
    /// <param name="prefer">What for.</param>
    /// <param name="room">Heap that there is.</param>
    public static Planned Plan(Planning planning, Preference prefer, int room)
    {
        if (prefer == Preference.Ram) return planning.Run(RowPolicy.LeastMemory, LanePolicy.Never);
        Planned layered = planning.Run(RowPolicy.Never, LanePolicy.Never);
        if (prefer == Preference.Speed)
        {
            int free = room - layered.Heap.Total - KernelFrameBytes;
            LanePolicy lanes = room == int.MaxValue ? LanePolicy.Always : LanePolicy.WithinBudget(free);
            return lanes.Bytes == 0 ? layered : planning.Run(RowPolicy.Never, lanes);
        }

        Planned best = planning.Run(RowPolicy.WholeInput, LanePolicy.Never);
        int limit = Math.Max(best.Heap.Total, Math.Min(Math.Clamp(layered.Heap.Total, SmallBytes, LargeBytes), room - KernelFrameBytes));
        foreach (double part in s_parts)
        {
            var rows = RowPolicy.Within((int)(limit * part));
            foreach (RowPolicy way in part == 1 ? [rows, RowPolicy.Never] : new[] { rows })
            {
                Planned plain = planning.Run(way, LanePolicy.Never);
                if (plain.Heap.Total > limit) continue;
                if (plain.Cost < best.Cost) best = plain;
                // Lanes have longer parameters and may widen streams, so the first budget can be a little too much.
                for (int budget = limit - plain.Heap.Total, tries = 0; budget > 0 && tries < MostTries; tries++)
                {
                    Planned lanes = planning.Run(way, LanePolicy.WithinBudget(budget));
                    int over = lanes.Heap.Total - limit;
                    budget -= Math.Max(over, 0);
                    if (over > 0) continue;
                    if (lanes.Cost < best.Cost) best = lanes;
                    break;
                }
            }
        }

        return best;
    }
}
