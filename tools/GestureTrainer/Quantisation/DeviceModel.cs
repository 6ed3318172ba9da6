using System.Runtime.InteropServices;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Run;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>An INT8 model run by the device runtime, so that the accuracy reported is the device's and not a float stand-in's.</summary>
internal sealed class DeviceModel
{
    private readonly ModelRunner _runner;

    public DeviceModel(byte[] tflite)
    {
        PackResult packed = Packer.Pack(tflite, "gesture");
        Account = Account.Of(packed);
        _runner = new ModelRunner(packed.Pack);
    }

    /// <summary>What the packer says of the model.</summary>
    public Account Account { get; }

    public int Classes => _runner.OutputBytes(0);

    /// <summary>The probabilities of the classes, scale 1/256 and zero point -128.</summary>
    public sbyte[] Run(sbyte[] input) => MemoryMarshal.Cast<byte, sbyte>(_runner.Run([MemoryMarshal.AsBytes<sbyte>(input).ToArray()])[0]).ToArray();

    public int Classify(sbyte[] input)
    {
        sbyte[] probabilities = Run(input);
        return Array.IndexOf(probabilities, probabilities.Max());
    }
}
