using System.Runtime.InteropServices;
using TinyAI.GestureTrainer.Quantisation;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Emit;

namespace TinyAI.GestureTrainer.Tests;

/// <summary>
/// models/gesture/golden, from which a board checks itself: inputs by the formula of the metadata in real numbers, outputs
/// by the trainer's integer reference, which shares nothing with the device's kernels.
/// </summary>
public class GoldenTests
{
    [Fact]
    public void The_goldens_of_the_gesture_model_are_those_of_the_integer_reference()
    {
        string folder = Path.Combine(Places.ModelFolder, "golden");
        bool renew = Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1";
        if (renew) Directory.CreateDirectory(folder);
        Metadata about = Metadata.Parse(File.ReadAllBytes(Path.Combine(Places.ModelFolder, "gesture.json")), "gesture.json");
        QuantisedNetwork network = TfliteImport.Read(Places.ModelFile);
        var random = new Random(20);
        for (int i = 0; i < 3; i++)
        {
            sbyte[] input = new sbyte[WandSimulator.Window * WandSimulator.Channels];
            short[] counts = new WandSimulator(20 + i).Gesture(2 * i);
            for (int k = 0; k < input.Length; k++)
            {
                ModelPacker.Emit.SensorChannel channel = about.Input!.Channels[k % WandSimulator.Channels];
                double real = (counts[k] / channel.CountsPerUnit + channel.Offset) / channel.Divisor;
                input[k] = (sbyte)Math.Clamp(Math.Floor(real / SensorInput.Scale + 0.5) + SensorInput.ZeroPoint, -128, 127);
            }

            // The last one exercises what no hand does: all values, extremes included.
            if (i == 2) random.NextBytes(MemoryMarshal.AsBytes(input.AsSpan()));
            Check(Path.Combine(folder, $"{i:000}.in.bin"), input, renew);
            Check(Path.Combine(folder, $"{i:000}.out.bin"), new IntegerReference(network).Run(input), renew);
        }
    }

    private static void Check(string path, sbyte[] values, bool renew)
    {
        byte[] bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        if (renew) File.WriteAllBytes(path, bytes);
        Assert.True(File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes), $"{path} is not what the reference gives; renew it with TINYAI_UPDATE_DOCS=1.");
    }
}
