using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace TinyAI.ModelPacker.Tests.Power;

/// <summary>
/// A current made of constant pieces, whose energies can be told by hand, written in the formats of the analysers: the
/// forms of line, column and archive follow the exporters of the Power Profiler and of the Joulescope.
/// </summary>
public sealed class Waveform(int rate)
{
    private readonly List<(float Milliamperes, int Pins)> _samples = [];

    /// <summary>Samples so far.</summary>
    public int Count => _samples.Count;

    /// <summary>Adds a piece; pins are bits.</summary>
    public Waveform Piece(double milliseconds, double milliamperes, int pins = 0)
    {
        int samples = (int)Math.Round(milliseconds * 1e-3 * rate);
        for (int i = 0; i < samples; i++) _samples.Add(((float)milliamperes, pins));
        return this;
    }

    /// <summary>Idle 12 ms at 10 mA, pre 2 ms at 30 mA, inference 5 ms, post 1 ms at 40 mA.</summary>
    public Waveform Cycle(double inferenceMilliamperes = 60) => Piece(12, 10).Piece(2, 30, 1).Piece(5, inferenceMilliamperes, 3).Piece(1, 40, 2);

    /// <summary>Timestamp(ms),Current(uA),D0-D7,D0,…,D7.</summary>
    public void WritePpk2Csv(string path)
    {
        using var text = new StreamWriter(path) { NewLine = "\n" };
        text.WriteLine("Timestamp(ms),Current(uA),D0-D7,D0,D1,D2,D3,D4,D5,D6,D7");
        for (int i = 0; i < _samples.Count; i++)
        {
            string bits = string.Concat(Enumerable.Range(0, 8).Select(b => _samples[i].Pins >> b & 1));
            text.WriteLine(Line($"{i * (1e6 / rate) / 1000:R},{_samples[i].Milliamperes * 1000:F3},{bits},{string.Join(',', bits.ToArray())}"));
        }
    }

    /// <summary>The same with the pins as one column of eight characters only.</summary>
    public void WritePpk2CsvWithPinString(string path)
    {
        using var text = new StreamWriter(path) { NewLine = "\n" };
        text.WriteLine("Timestamp(ms),Current(uA),D0-D7");
        for (int i = 0; i < _samples.Count; i++)
            text.WriteLine(Line($"{i * (1e6 / rate) / 1000:R},{_samples[i].Milliamperes * 1000:F3},{string.Concat(Enumerable.Range(0, 8).Select(b => _samples[i].Pins >> b & 1))}"));
    }

    /// <summary>A zip archive with metadata.json, minimap.raw and session.raw.</summary>
    public void WritePpk2(string path, bool withMetadata = true, bool withSession = true)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        if (withMetadata)
        {
            using var json = new StreamWriter(archive.CreateEntry("metadata.json").Open());
            json.Write($$$"""{"metadata":{"samplesPerSecond":{{{rate}}},"startSystemTime":1700000000000},"formatVersion":2}""");
        }

        using (Stream map = archive.CreateEntry("minimap.raw").Open()) map.Write(new byte[64]);
        if (!withSession) return;
        using Stream session = archive.CreateEntry("session.raw").Open();
        var frame = new byte[6];
        foreach ((float milliamperes, int pins) in _samples)
        {
            int pairs = 0;
            for (int b = 0; b < 8; b++) pairs |= (1 + (pins >> b & 1)) << 2 * b;
            BinaryPrimitives.WriteSingleLittleEndian(frame, milliamperes * 1000);
            BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(4), (ushort)pairs);
            session.Write(frame);
        }
    }

    /// <summary># time,SERIAL.i,SERIAL.v,SERIAL.0,SERIAL.1,SERIAL.2 in the form of numpy.savetxt.</summary>
    public void WriteJoulescope(string path, double volts = 3.3)
    {
        using var text = new StreamWriter(path) { NewLine = "\n" };
        text.WriteLine("# time,JS220-001122.i,JS220-001122.v,JS220-001122.0,JS220-001122.1,JS220-001122.2");
        for (int i = 0; i < _samples.Count; i++)
        {
            int pins = _samples[i].Pins;
            text.WriteLine(Line($"{(double)i / rate:e18},{_samples[i].Milliamperes * 1e-3:e18},{volts:e18},{(double)(pins & 1):e18},{(double)(pins >> 1 & 1):e18},{(double)(pins >> 2 & 1):e18}"));
        }
    }

    /// <summary>#time (s),current (A),voltage (V), as older versions wrote it, with or without that header.</summary>
    public void WriteOldJoulescope(string path, bool header, double volts = 3.3)
    {
        using var text = new StreamWriter(path) { NewLine = "\n" };
        if (header) text.WriteLine("#time (s),current (A),voltage (V)");
        for (int i = 0; i < _samples.Count; i++) text.WriteLine(Line($"{(double)i / rate:F7},{_samples[i].Milliamperes * 1e-3:0.0000e+00},{volts:F4}"));
    }

    /// <summary>time_s;current_mA;voltage_V;pin0;pin1;pin2.</summary>
    public void WritePlain(string path, double volts = 3.3)
    {
        using var text = new StreamWriter(path) { NewLine = "\r\n" };
        text.WriteLine("time_s;current_mA;voltage_V;note;pin0;pin1;pin2");
        for (int i = 0; i < _samples.Count; i++)
            text.WriteLine(Line($"{(double)i / rate:R};{_samples[i].Milliamperes:R};{volts};x;{_samples[i].Pins & 1};{_samples[i].Pins >> 1 & 1};{_samples[i].Pins >> 2 & 1}"));
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
