namespace TinyAI.ModelPacker.Power;

/// <summary>A piece of the capture during which current and pins are taken as constant: from one sample to the next.</summary>
/// <param name="Start">Seconds from the beginning of the capture.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Amperes">Current.</param>
/// <param name="Watts">Power.</param>
/// <param name="High">Pins that are high.</param>
/// <param name="Bridged">Seconds of the duration for which nothing was measured and the last value was kept.</param>
public readonly record struct Step(double Start, double Duration, double Amperes, double Watts, ushort High, double Bridged);
