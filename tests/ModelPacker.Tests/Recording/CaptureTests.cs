using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Device;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Recording;

/// <summary>The command against a board on the desktop, over TCP.</summary>
public sealed class CaptureTests : IDisposable
{
    private const int Window = 119;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_that_begin_with_motion_are_written_and_recognised_again()
    {
        using var board = new GestureBoard(new WandSimulator(1).Stream([2, 2, 2, 2, 2]));
        Tool.Result result = Tool.Run("capture", "--port", board.Port, "-o", _folder.Path, "--label", WandSimulator.Labels[2], "--count", "4");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        string file = _folder.File(WandSimulator.Labels[2] + ".csv");
        Assert.Contains($"4 windows of {WandSimulator.Labels[2]} written to {file}", result.Output);
        string[] lines = File.ReadAllLines(file);
        Assert.Equal("aX,aY,aZ,gX,gY,gZ", lines[0]);
        Assert.Equal(4 * Window + 1, lines.Length);
        Tool.Result replayed = Tool.Run("replay", file);
        Assert.Equal(0, replayed.ExitCode);
        Assert.Contains($"4 of 4 decisions are {WandSimulator.Labels[2]}", replayed.Output);
        board.Dispose();
        Assert.True(board.WasSwitchedOff);
    }

    [Fact]
    public async Task A_serial_line_carries_a_recording_as_well()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no pseudo-terminals of this kind.");
        (UnixSerialPort master, string name) = UnixSerialPort.Pseudo();
        using (master)
        {
            Task board = Task.Run(() => GestureBoard.Speak(new GestureBoard.PortLink(master), new WandSimulator(6).Still(3 * Window), int.MaxValue, _ => false, null));
            Tool.Result result = Tool.Run("capture", "--port", name, "-o", _folder.File("still.csv"), "--label", "still", "--count", "2", "--always");
            Assert.Equal("", result.Error);
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(2 * Window + 1, File.ReadAllLines(_folder.File("still.csv")).Length);
            await board.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_second_recording_goes_on_in_the_same_file()
    {
        string file = _folder.File("still.csv");
        for (int i = 1; i <= 2; i++)
        {
            using var board = new GestureBoard(new WandSimulator(i).Still(4 * Window));
            Assert.Equal(0, Tool.Run("capture", "--port", board.Port, "-o", file, "--label", "still", "--count", "3", "--always", "--counts").ExitCode);
        }

        string[] lines = File.ReadAllLines(file);
        Assert.Equal(6 * Window + 1, lines.Length);
        short[] first = new WandSimulator(1).Still(4 * Window);
        Assert.Equal(string.Join(',', first[..6]), lines[1]);
        Assert.Equal(string.Join(',', first[(3 * Window * 6 - 6)..(3 * Window * 6)]), lines[3 * Window]);
    }

    [Fact]
    public void A_connection_that_breaks_leaves_what_was_recorded_and_says_so()
    {
        string file = _folder.File("still.csv");
        using var board = new GestureBoard(new WandSimulator(3).Still(4 * Window), closeAfter: 2 * Window + 50);
        Tool.Result result = Tool.Run("capture", "--port", board.Port, "-o", file, "--label", "still", "--count", "10", "--always");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("The connection was lost", result.Error);
        Assert.Contains($"2 of 10 windows were recorded and are in {file}", result.Error);
        Assert.Equal(2 * Window + 1, File.ReadAllLines(file).Length);
    }

    [Fact]
    public void A_board_that_falls_silent_ends_the_recording()
    {
        string file = _folder.File("still.csv");
        using var board = new GestureBoard(new WandSimulator(3).Still(Window + 20));
        Tool.Result result = Tool.Run("capture", "--port", board.Port, "-o", file, "--label", "still", "--count", "2", "--always");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("said nothing for 5 seconds", result.Error);
        Assert.Contains("1 of 2 windows", result.Error);
    }

    [Fact]
    public void Lost_rows_faults_and_noise_are_told_and_no_window_reaches_across_them()
    {
        string file = _folder.File("still.csv");
        short[] rows = new WandSimulator(4).Still(6 * Window);
        using var board = new GestureBoard(rows, lose: row => row is >= 150 and < 160, also: (link, row) =>
        {
            if (row == 400) link.Write("e-[The sensor does not answer]\r\n");
            if (row == 20) link.Write("\0\xff noise s-1,2\r\ns-20,1,2,3\r\ns-x,1,2,3,4,5,6\r\n");
        });
        Tool.Result result = Tool.Run("capture", "--port", board.Port, "-o", file, "--label", "still", "--count", "4", "--always", "--counts");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("10 rows were lost", result.Error);
        Assert.Contains("The sensor does not answer", result.Error);
        Assert.Contains("2 windows were dropped", result.Error);
        Assert.Contains("3 lines could not be read", result.Error);
        string[] lines = File.ReadAllLines(file);
        // Windows: rows 0, then anew after the gap at 160, 279, and after the fault at 400.
        int[] begins = [0, 160, 279, 400];
        for (int w = 0; w < begins.Length; w++)
        {
            for (int r = 0; r < Window; r++) Assert.Equal(string.Join(',', rows[((begins[w] + r) * 6)..((begins[w] + r + 1) * 6)]), lines[1 + w * Window + r]);
        }
    }

    [Fact]
    public void A_file_that_holds_something_else_is_left_alone()
    {
        File.WriteAllText(_folder.File("still.csv"), "precious\n1\n");
        using var board = new GestureBoard(new WandSimulator(3).Still(Window));
        Refused("does not begin with aX", "--port", board.Port, "-o", _folder.File("still.csv"), "--label", "still");
        Assert.Equal("precious\n1\n", File.ReadAllText(_folder.File("still.csv")));
    }

    [Fact]
    public void A_file_with_half_a_window_is_left_alone()
    {
        File.WriteAllText(_folder.File("still.csv"), "aX,aY,aZ,gX,gY,gZ\n1,2,3,4,5,6\n");
        using var board = new GestureBoard(new WandSimulator(3).Still(Window));
        Refused("not a whole number of windows", "--port", board.Port, "-o", _folder.File("still.csv"), "--label", "still");
    }

    [Fact]
    public void What_cannot_be_recorded_is_refused_in_a_sentence()
    {
        Refused("Nobody answers at tcp:127.0.0.1:1", "--port", "tcp:127.0.0.1:1", "-o", _folder.File("a.csv"), "--label", "a");
        Refused("is not tcp:HOST:PORT", "--port", "tcp:nowhere", "-o", _folder.File("a.csv"), "--label", "a");
        Refused("cannot be the name of a file", "--port", "tcp:127.0.0.1:1", "-o", _folder.Path, "--label", "a/b");
        Refused("--count must be", "--port", "tcp:127.0.0.1:1", "-o", _folder.Path, "--label", "a", "--count", "0");
    }

    private static void Refused(string mentions, params string[] arguments)
    {
        Tool.Result result = Tool.Run(["capture", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(mentions, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
    }
}
