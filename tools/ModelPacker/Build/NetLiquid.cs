using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Build;

/// <summary>How many neurons of each sort a neural circuit policy has, and how many synapses reach each of the next.</summary>
public sealed record Wiring(int Inter, int Command, int Motor, int SensoryFanOut, int InterFanOut, int CommandRecurrent, int MotorFanIn)
{
    /// <summary>Neurons of the cell: motor first, then command, then inter.</summary>
    public int Neurons => Inter + Command + Motor;
}

/// <content>Liquid cells in the wiring of neural circuit policies.</content>
public sealed partial class Net
{
    /// <summary>
    /// A liquid cell over [time, batch, values] whose synapses go from the input to inter neurons, from there to command
    /// neurons, among those, and to motor neurons (Lechner et al. 2020); all others are zero. Gives all neurons.
    /// </summary>
    public Tensor Liquid(Tensor x, Wiring wiring, double timeStep, int unfoldSteps)
    {
        int inputs = x.Shape[2], size = wiring.Neurons, command = wiring.Motor, inter = command + wiring.Command;
        var w = new double[size * inputs];
        var r = new double[size * size];
        double Weight() => (0.4 + 0.8 * _random.NextDouble()) * (_random.Next(3) == 0 ? -1 : 1);
        for (int i = 0; i < inputs; i++)
        {
            foreach (int to in Choose(wiring.Inter, wiring.SensoryFanOut)) w[(inter + to) * inputs + i] = Weight();
        }

        for (int i = 0; i < wiring.Inter; i++)
        {
            foreach (int to in Choose(wiring.Command, wiring.InterFanOut)) r[(command + to) * size + inter + i] = Weight();
        }

        for (int i = 0; i < wiring.CommandRecurrent; i++)
            r[(command + _random.Next(wiring.Command)) * size + command + _random.Next(wiring.Command)] = Weight();
        for (int m = 0; m < wiring.Motor; m++)
        {
            foreach (int from in Choose(wiring.Command, wiring.MotorFanIn)) r[m * size + command + from] = Weight();
        }

        Tensor tau = Constant("tau", [size], Enumerable.Range(0, size).Select(_ => 0.2 + 0.8 * _random.NextDouble()));
        return Add(
            new LiquidOptions((float)timeStep, unfoldSteps), [x.Shape[0], x.Shape[1], size], x, Constant("weights", [size, inputs], w), Constant("recurrent", [size, size], r),
            Normal("bias", 0.1, size), tau);
    }

    /// <summary>So many different numbers below a limit.</summary>
    private int[] Choose(int limit, int count) => [.. Enumerable.Range(0, limit).OrderBy(_ => _random.Next()).Take(count)];
}
