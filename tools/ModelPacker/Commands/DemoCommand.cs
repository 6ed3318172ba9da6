using System.CommandLine;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>demo: packs the gesture model, prints its account, and recognises simulated wand motion with the device runtime.</summary>
internal static class DemoCommand
{
    private const int Gestures = 10;

    /// <summary>The embedded default, copied beside the tool from models/gesture-attention.</summary>
    internal static string ModelPath => Path.Combine(AppContext.BaseDirectory, "models", "gesture-attention.tflite");

    public static Command Create()
    {
        var seed = new Option<int>("--seed") { Description = "Seed of the simulated hand.", DefaultValueFactory = _ => 1 };
        var command = new Command("demo", "Packs the gesture model, prints its account, and recognises a stream of simulated wand motion.") { seed };
        command.SetAction(parse => CommandGuard.Run(() => Show(parse.GetValue(seed))));
        return command;
    }

    private static int Show(int seed)
    {
        PackResult packed = PackCommand.Pack(ModelPath, null, null);
        AccountPrinter.Print(Account.Of(packed));

        var classifier = new WindowClassifier(packed.Pack);
        int[] drawn = [.. Enumerable.Range(0, Gestures).Select(i => (int)((uint)(i * 3 + seed) % (uint)WandSimulator.Labels.Count))];
        short[] stream = new WandSimulator(seed).Stream(drawn);
        int rows = stream.Length / classifier.Channels;
        Console.WriteLine();
        Console.WriteLine($"A simulated hand (seed {seed}, no recording) draws {Gestures} gestures; {rows:N0} rows of raw sensor counts go through the device runtime:");
        Console.WriteLine();

        var gate = new MotionGate(classifier.Channels);
        int recognised = 0, found = 0;
        for (int row = 0; row + classifier.Window <= rows; row++)
        {
            if (!gate.Opens(stream, row)) continue;
            Decision decision = classifier.Classify(stream[(row * classifier.Channels)..((row + classifier.Window) * classifier.Channels)]);
            string truth = found < drawn.Length ? WandSimulator.Labels[drawn[found]] : "nothing";
            bool right = decision.Label == truth;
            if (right) recognised++;
            found++;
            string bar = new('#', (int)Math.Round(Math.Clamp(decision.Confidence, 0, 1) * 20));
            Console.WriteLine($"  row {row,5}  {decision.Label,-22} {decision.Confidence,6:P0} {bar,-20}  {(right ? "right" : $"wrong, it was {truth}")}");
            row += classifier.Window - 1;
            gate.Close();
        }

        Console.WriteLine();
        Console.WriteLine($"{found} motions found, {recognised} of {drawn.Length} gestures recognised. The network did not run while the hand was still.");
        return CommandGuard.Ok;
    }
}
