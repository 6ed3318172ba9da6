namespace TinyAI.GestureTrainer.Network;

/// <summary>Every output sees every input.</summary>
internal sealed class Dense(int inputs, int outputs) : WeightedLayer(inputs, outputs, inputs, outputs)
{
    public override void Forward(float[] input, bool training) => ForwardWindow(input, Output);

    public override void Backward(float[] input, float[] outputGradient, bool needsInputGradient)
    {
        if (needsInputGradient)
            Array.Clear(InputGradient);
        BackwardWindow(input, outputGradient, needsInputGradient ? InputGradient : []);
    }
}
