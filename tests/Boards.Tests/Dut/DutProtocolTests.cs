using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Dut;

/// <summary>The device's side of the benchmark protocol, command by command and with everything that can come wrong.</summary>
public class DutProtocolTests
{
    private const int InputBytes = 714;

    private readonly TextLink _link = new();
    private readonly FakeBoard _board = new();
    private readonly DutProtocol _dut;

    public DutProtocolTests() => _dut = Make(energy: false);

    [Fact]
    public void It_says_that_it_is_there()
    {
        _dut.Start();
        Assert.Equal(["m-timestamp-mode-performance", "m-init-done", "m-ready"], _link.Lines);
        _link.Forget();
        Make(energy: true).Start();
        Assert.Equal(["m-timestamp-mode-energy", "m-init-done", "m-ready"], _link.Lines);
    }

    [Theory]
    [InlineData("name%", "m-name-dut-[tester]")]
    [InlineData("\r\nname%", "m-name-dut-[tester]")]
    [InlineData("profile%", "m-profile-[MLPerf Tiny Firmware V0.1.0]|m-model-[gesture]")]
    [InlineData("timestamp%", "m-lap-us-1000")]
    [InlineData("%", "e-[The command is empty]")]
    [InlineData("nam%", "e-[Unknown command: nam]")]
    [InlineData("infer 0%", "e-[The number of inferences is from 1 to 1000000000]")]
    [InlineData("infer -3%", "e-[The number of inferences is from 1 to 1000000000]")]
    [InlineData("infer 99999999999%", "e-[The number of inferences is from 1 to 1000000000]")]
    [InlineData("infer 1 x%", "e-[The number of warm-ups is from 0 to 1000000000]")]
    [InlineData("db%", "e-[Command db needs load, print or hexadecimal digits]")]
    [InlineData("db load%", "e-[Command db load needs the number of bytes]")]
    [InlineData("db load 713%", "e-[The model takes 714 bytes, not 713]")]
    [InlineData("db load 715%", "e-[The model takes 714 bytes, not 715]")]
    [InlineData("db load 99999999999%", "e-[The model takes 714 bytes, not 99999999999]")]
    [InlineData("db 00%", "e-[No input is being loaded: send db load 714 first]")]
    public void A_command_has_its_answer(string command, string answer) =>
        Assert.Equal([.. answer.Split('|'), "m-ready"], Say(command));

    [Fact]
    public void Help_names_every_command()
    {
        string help = string.Join('\n', Say("help%"));
        Assert.All(["help", "name", "timestamp", "profile", "db load N", "db HH", "db print", "infer N [W]", "results"], c => Assert.Contains(c, help));
    }

    [Fact]
    public void An_input_is_loaded_printed_and_answered_as_the_desktop_answers_it()
    {
        byte[] input = Window(2);
        Load(input);
        string printed = string.Concat(Say("db print%").Where(l => l.StartsWith("m-buffer-", StringComparison.Ordinal)).Select(l => l["m-buffer-".Length..].Replace("-", "")));
        Assert.Equal(Convert.ToHexString(input), printed, ignoreCase: true);

        _board.Reset();
        string[] lines = Say("infer 3 2%");
        Assert.Equal(
            ["m-warmup-start-2", "m-warmup-done", "m-infer-start-3", "m-lap-us-1000", "m-lap-us-2000", "m-infer-done", Expected(input), "m-ready"], lines);
        Assert.Equal(Enumerable.Repeat(new[] { DutPhase.Pre, DutPhase.Inference, DutPhase.Post, DutPhase.Idle }, 5).SelectMany(p => p), _board.Phases);
        Assert.Equal([Expected(input), "m-ready"], Say("results%"));
        Assert.Equal(0, _board.Edges);
    }

    [Fact]
    public void In_energy_mode_timestamps_are_edges_and_no_lines()
    {
        DutProtocol dut = Make(energy: true);
        Assert.Equal(["m-ready"], Say("timestamp%", dut));
        Assert.Equal(1, _board.Edges);
        string[] lines = Say("infer 2 0%", dut);
        Assert.Equal(3, _board.Edges);
        Assert.Equal(["m-warmup-start-0", "m-warmup-done", "m-infer-start-2", "m-infer-done"], lines[..4]);
    }

    [Fact]
    public void Ten_inferences_warm_up_where_infer_does_not_say()
    {
        Assert.Equal("m-warmup-start-10", Say("infer 1%")[0]);
        Assert.Equal(11 * 4, _board.Phases.Count);
        Assert.Contains("m-infer-start-1", Say("infer%"));
    }

    [Fact]
    public void Commands_may_come_in_any_pieces()
    {
        byte[] bytes = "name%db load 714%name%"u8.ToArray();
        foreach (byte b in bytes) _dut.Receive([b], 1);
        Assert.Equal(["m-name-dut-[tester]", "m-ready", "m-[Expecting 714 bytes]", "m-ready", "m-name-dut-[tester]", "m-ready"], _link.Lines);
    }

    [Fact]
    public void An_input_that_is_half_loaded_is_not_run_and_can_be_finished()
    {
        byte[] input = Window(1);
        Say("db load 714%");
        Send(input, 0, 300);
        Assert.Equal(["e-[The input is half loaded: 300 of 714 bytes]", "m-ready"], Say("infer 1%"));
        Assert.Equal(["m-ready"], Say($"db {Convert.ToHexString(input, 300, 1)}%"));
        Send(input, 301, InputBytes - 1);
        Assert.Equal(["m-load-done", "m-ready"], Say($"db {Convert.ToHexString(input, 713, 1)}0000%"));
        Assert.Contains(Expected(input), Say("infer 1 0%"));
        Assert.Equal(["e-[No input is being loaded: send db load 714 first]", "m-ready"], Say("db 00%"));
    }

    [Theory]
    [InlineData("db 0%", "e-[The number of hexadecimal digits is odd]")]
    [InlineData("db 00zz11%", "e-[Not hexadecimal: zz]")]
    public void Digits_that_are_none_store_nothing(string command, string answer)
    {
        byte[] input = Window(0);
        Say("db load 714%");
        Send(input, 0, 30);
        Assert.Equal([answer, "m-ready"], Say(command));
        Send(input, 30, InputBytes);
        Assert.Contains(Expected(input), Say("infer 1 0%"));
    }

    [Fact]
    public void What_cannot_be_used_leaves_the_loaded_input_as_it_is()
    {
        byte[] input = Window(4);
        Load(input);
        Say("db load 5%");
        Say(new string('z', 300) + "%");
        Say("\u0000\u0001\u00FF\u0080%");
        Say("infer 0%");
        Assert.Contains(Expected(input), Say("infer 1 0%"));
    }

    [Fact]
    public void After_a_disconnect_half_a_command_and_half_an_input_are_gone_and_a_whole_input_is_not()
    {
        byte[] input = Window(3);
        Load(input);
        _dut.Receive("infer 1"u8.ToArray(), 7);
        _dut.Disconnect();
        Assert.Equal(["m-name-dut-[tester]", "m-ready"], Say("name%"));
        Assert.Contains(Expected(input), Say("infer 1 0%"));
        Say("db load 714%");
        Send(input, 0, 100);
        _dut.Disconnect();
        Assert.Equal(["e-[No input is being loaded: send db load 714 first]", "m-ready"], Say("db 00%"));
        Assert.Contains(Expected(new byte[InputBytes]), Say("infer 1 0%"));
    }

    [Fact]
    public void Noise_never_stops_it()
    {
        var random = new Random(1);
        string[] words = ["name", "db", "load", "714", "infer", "1", "print", "%", " ", "00", "zz", "results", "\n"];
        for (int i = 0; i < 3000; i++)
        {
            byte[] noise = new byte[random.Next(1, 40)];
            random.NextBytes(noise);
            _dut.Receive(noise, noise.Length);
            string text = words[random.Next(words.Length)];
            _dut.Receive([.. text.Select(c => (byte)c)], text.Length);
            if (i % 300 == 0) _link.Forget();
        }

        Say("%");
        Assert.Equal(["m-name-dut-[tester]", "m-ready"], Say("name%"));
    }

    [Fact]
    public void A_model_whose_answers_are_no_fractions_gives_integers_with_their_sign()
    {
        var line = new TextLine(_link);
        line.AddFixed(-1500000, 6).Add(',').AddFixed(-1, 6).End();
        Assert.Equal("-1.500000,-0.000001\r\n", _link.Text);
    }

    private DutProtocol Make(bool energy) => new(new DutInference(GestureModel.Load(), _board), _link, _board, energy, "tester");

    private string[] Say(string command, DutProtocol? dut = null)
    {
        _link.Forget();
        byte[] bytes = [.. command.Select(c => (byte)c)];
        (dut ?? _dut).Receive(bytes, bytes.Length);
        return _link.Lines;
    }

    private void Load(byte[] input)
    {
        Say($"db load {input.Length}%");
        Send(input, 0, input.Length);
        Assert.Equal(["m-load-done", "m-ready"], _link.Lines);
    }

    private void Send(byte[] input, int from, int to)
    {
        for (int at = from; at < to; at += 30) Say($"db {Convert.ToHexString(input, at, Math.Min(30, to - at))}%");
    }

    private static byte[] Window(int label)
    {
        short[] counts = new WandSimulator(9).Gesture(label);
        var values = new sbyte[counts.Length];
        new Normalisation(GestureModel.Load()).Apply(counts, 0, values, 0, values.Length);
        return [.. values.Select(v => (byte)v)];
    }

    /// <summary>The results line, from the desktop's runner and real arithmetic.</summary>
    private static string Expected(byte[] input)
    {
        byte[] output = new ModelRunner(GestureModel.Pack).Run([input])[0];
        return $"m-results-[{string.Join(',', output.Select(o => (((sbyte)o + 128) / 256.0).ToString("0.000000")))}]";
    }
}
