using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// The neural circuit policy of 19 neurons that keeps a car in its lane (Lechner et al. 2020): 12 inter, 6 command and 1 motor neuron
/// of continuous time, here on 8 smooth signals over 32 steps.
/// </summary>
public sealed class LiquidFamily : Family
{
    private const int Steps = 32, Signals = 8;

    public override string Name => "Liquid";

    public override string Blocks => "19 liquid neurons (12 inter, 6 command, 1 motor) in sparse wiring, state in fixed point, 4 Euler steps a sample, 32 samples";

    public override bool HasClasses => false;

    public override Graph Build()
    {
        var net = new Net("liquid", 16);
        Tensor x = net.Liquid(net.Input("signals", Steps, 1, Signals), new Wiring(12, 6, 1, 4, 4, 6, 6), 0.1, 4);
        return net.Build(net.Slice(x, 2, 0, 1));
    }

    public override IReadOnlyList<float[][]> Draw(Random random)
    {
        float[] rate = Noise(random, Signals, 0.2), phase = Noise(random, Signals, 3);
        return [[[.. Enumerable.Range(0, Steps * Signals).Select(i => (float)Math.Sin(rate[i % Signals] * (i / Signals) + phase[i % Signals]))]]];
    }
}
