using System.Reflection;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Makes options of every kind there is, filled with random values.</summary>
public static class OptionsSamples
{
    /// <summary>One of each kind.</summary>
    public static IEnumerable<TfliteOptions> All(Random random) =>
        typeof(TfliteOptions).Assembly.GetTypes()
            // Options of blocks are the graph's own: no file holds them.
            .Where(type => type.IsSubclassOf(typeof(TfliteOptions)) && !type.IsAssignableTo(typeof(BlockOptions)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => Make(type, random));

    private static TfliteOptions Make(Type type, Random random)
    {
        ConstructorInfo constructor = type.GetConstructors().Single(c => c.GetParameters().Length > 0);
        return (TfliteOptions)constructor.Invoke(constructor.GetParameters().Select(p => Value(p, random)).ToArray());
    }

    private static object Value(ParameterInfo parameter, Random random)
    {
        // Every subgraph the options may name has to exist.
        if (parameter.Name!.Contains("Subgraph", StringComparison.Ordinal)) return random.Next(2);
        Type type = parameter.ParameterType;
        if (type.IsEnum)
        {
            Array values = Enum.GetValues(type);
            return values.GetValue(random.Next(values.Length))!;
        }

        if (type == typeof(bool)) return random.Next(2) == 1;
        if (type == typeof(int)) return random.Next(3) == 0 ? random.Next(3) : random.Next(int.MinValue, int.MaxValue);
        if (type == typeof(long)) return random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(float)) return random.Next(3) == 0 ? 0f : random.NextSingle() * 100 - 50;
        if (type == typeof(string)) return new string('x', random.Next(4)) + (random.Next(2) == 1 ? "é" : "");
        if (type == typeof(int[])) return Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(-1, 9)).ToArray();
        if (type == typeof(float[])) return Enumerable.Range(0, random.Next(4)).Select(_ => random.NextSingle()).ToArray();
        throw new NotSupportedException($"No sample for {type}.");
    }
}
