using System.Collections;
using System.Globalization;
using System.Reflection;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>
/// Finds where two object trees differ. It goes by the properties that exist, so that one added later is compared without
/// anybody having to remember this class.
/// </summary>
public static class DeepComparison
{
    /// <summary>The path of the first difference, or null when the trees are equal.</summary>
    public static string? Difference(object? expected, object? actual, string path = "model")
    {
        if (expected is null || actual is null) return ReferenceEquals(expected, actual) ? null : $"{path}: one side is null";
        if (expected.GetType() != actual.GetType()) return $"{path}: {expected.GetType().Name} against {actual.GetType().Name}";
        switch (expected)
        {
            case ReadOnlyMemory<byte> bytes:
                return bytes.Span.SequenceEqual(((ReadOnlyMemory<byte>)actual).Span) ? null : $"{path}: bytes differ";
            case float number:
                // As bits, so that NaN equals itself and -0 differs from 0.
                return BitConverter.SingleToInt32Bits(number) == BitConverter.SingleToInt32Bits((float)actual)
                    ? null
                    : string.Create(CultureInfo.InvariantCulture, $"{path}: {number:R} against {actual:R}");
            case string or Enum or IConvertible:
                return expected.Equals(actual) ? null : $"{path}: {expected} against {actual}";
            case byte[] bytes:
                return bytes.AsSpan().SequenceEqual((byte[])actual) ? null : $"{path}: bytes differ";
            case IList list:
                var other = (IList)actual;
                if (list.Count != other.Count) return $"{path}: {list.Count} against {other.Count} elements";
                for (int i = 0; i < list.Count; i++)
                    if (Difference(list[i], other[i], $"{path}[{i}]") is { } inner) return inner;
                return null;
            default:
                foreach (PropertyInfo property in expected.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    // Derived values repeat what other properties say.
                    if (property.GetIndexParameters().Length > 0 || !property.CanWrite) continue;
                    if (Difference(property.GetValue(expected), property.GetValue(actual), $"{path}.{property.Name}") is { } difference)
                        return difference;
                }

                return null;
        }
    }
}
