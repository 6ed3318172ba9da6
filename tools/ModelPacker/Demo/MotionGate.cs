namespace TinyAI.ModelPacker.Demo;

/// <summary>
/// Opens when a still hand begins to move: the sum of the three rates of turn exceeds a threshold in most of the next
/// few rows. Between two openings the hand must have been still. Raw counts, six channels, rates of turn last.
/// </summary>
public sealed class MotionGate(int channels)
{
    /// <summary>Counts: about 55 degrees per second in all, well above the noise of a hand at rest.</summary>
    private const int Threshold = 900;
    private const int Rows = 5;
    private bool _still = true;

    /// <summary>Whether motion begins at this row.</summary>
    public bool Opens(short[] counts, int row)
    {
        int moving = 0;
        for (int i = row; i < row + Rows && (i + 1) * channels <= counts.Length; i++)
        {
            int turn = 0;
            for (int c = channels - 3; c < channels; c++) turn += Math.Abs((int)counts[i * channels + c]);
            if (turn > Threshold) moving++;
        }

        if (moving == 0) _still = true;
        if (!_still || moving <= Rows / 2) return false;
        return true;
    }

    /// <summary>Waits for stillness before the next opening.</summary>
    public void Close() => _still = false;
}
