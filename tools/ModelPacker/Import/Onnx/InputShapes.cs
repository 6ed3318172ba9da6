namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// Shapes of the model's inputs: what the model declares, completed by --shape; a batch of unknown size is 1. Anything
/// else that is open is a reason that names the option.
/// </summary>
internal sealed class InputShapes(IReadOnlyList<OnnxValueInfo> inputs, IReadOnlyDictionary<string, int[]> given)
{
    private readonly HashSet<string> _used = [];

    /// <summary>The shape of an input, or null after adding the reason.</summary>
    public int[]? Of(OnnxValueInfo info, List<string> reasons)
    {
        if (given.TryGetValue(info.Name, out int[]? shape))
        {
            _used.Add(info.Name);
            bool fits = info.Dimensions is not { } declared
                || (declared.Count == shape.Length && !declared.Where((d, i) => d.Size is > 0 && d.Size != shape[i]).Any());
            if (fits) return [.. shape];
            reasons.Add($"--shape {info.Name}={string.Join(',', shape)} does not fit the shape {Words(info)} that the model declares.");
            return null;
        }

        if (info.Dimensions is null)
        {
            reasons.Add($"The model does not say the shape of its input {info.Name}: give it with --shape {info.Name}=1,…");
            return null;
        }

        var sizes = new int[info.Dimensions.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            OnnxDimension dimension = info.Dimensions[i];
            if (dimension.Size is > 0 and <= 1 << 24) sizes[i] = (int)dimension.Size;
            else if (dimension.Parameter.Length > 0 && given.TryGetValue(dimension.Parameter, out int[]? size) && size.Length == 1) (sizes[i], _) = (size[0], _used.Add(dimension.Parameter));
            else if (IsBatch(dimension, i)) sizes[i] = 1;
            else
            {
                reasons.Add($"The input {info.Name} has the shape {Words(info)}, in which dimension {i} is open: give it with --shape {info.Name}={string.Join(',', info.Dimensions.Select((d, n) => d.Size is > 0 ? $"{d.Size}" : IsBatch(d, n) ? "1" : "N"))}.");
                return null;
            }
        }

        return sizes;
    }

    /// <summary>Reasons for options that name nothing of the model.</summary>
    public IEnumerable<string> Unused() => given.Keys.Where(name => !_used.Contains(name)).Select(name =>
        $"--shape {name} names no input and no open dimension of the model; its inputs are {string.Join(", ", inputs.Select(i => $"{i.Name} {Words(i)}"))}.");

    /// <summary>A first dimension without a size, or one that has the name of such a one or of a batch.</summary>
    private bool IsBatch(OnnxDimension dimension, int index) =>
        dimension.Size is null or <= 0
        && (index == 0
            || dimension.Parameter.Contains("batch", StringComparison.OrdinalIgnoreCase)
            || (dimension.Parameter.Length > 0 && inputs.Any(i => i.Dimensions is { Count: > 0 } d && d[0].Parameter == dimension.Parameter)));

    private static string Words(OnnxValueInfo info) =>
        info.Dimensions is null ? "of unknown rank" : $"[{string.Join(',', info.Dimensions.Select(d => d.Size is > 0 ? $"{d.Size}" : d.Parameter.Length > 0 ? d.Parameter : "?"))}]";
}
