namespace TinyAI.ModelPacker.Float;

/// <summary>For every element of an output, the index of the element of each input that is repeated to it.</summary>
internal sealed class BroadcastMaps(int[] output, params int[][] inputs)
{
    private readonly int[][] _maps = [.. inputs.Select(i => Map(output, i))];

    /// <summary>The maps of two inputs.</summary>
    public (int[] First, int[] Second) Both => (_maps[0], _maps[1]);

    /// <summary>The map of one input.</summary>
    public int[] this[int input] => _maps[input];

    private static int[] Map(int[] output, int[] shape)
    {
        var steps = new int[output.Length];
        int step = 1;
        for (int i = 1; i <= shape.Length; i++)
        {
            steps[^i] = shape[^i] == 1 ? 0 : step;
            step *= shape[^i];
        }

        var map = new int[output.Aggregate(1, (a, b) => a * b)];
        var index = new int[output.Length];
        int at = 0;
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = at;
            for (int d = output.Length - 1; d >= 0; d--)
            {
                at += steps[d];
                if (++index[d] < output[d]) break;
                at -= steps[d] * output[d];
                index[d] = 0;
            }
        }

        return map;
    }
}
