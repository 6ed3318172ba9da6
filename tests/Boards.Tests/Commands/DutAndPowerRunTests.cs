using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Device;
using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.Boards.Tests.Commands;

/// <summary>dut and power run against each other, over TCP and a pseudo-terminal, and with an other side that misbehaves.</summary>
public class DutAndPowerRunTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("tcp:0", "perf")]
    [InlineData("tcp:0", "energy")]
    [InlineData("pty", "perf")]
    [InlineData("pty", "energy")]
    public void A_power_run_measures_the_desktop_device(string listen, string mode)
    {
        using Running dut = Start(listen, mode == "energy");
        using var folder = new TemporaryFolder();
        Tool.Result run = Tool.Run("power", "run", "--port", dut.Address, "--model", GestureModel.Path, "--mode", mode, "--seconds", "0.05", "-o", folder.File("r.json"));
        Assert.True(run is { ExitCode: 0, Error: "" }, run.ToString());
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(folder.File("r.json")));
        JsonElement root = result.RootElement;
        Assert.True(root.GetProperty("complete").GetBoolean());
        Assert.True(root.GetProperty("sameResultsAsDesktop").GetBoolean());
        Assert.False(root.GetProperty("rules").GetProperty("met").GetBoolean());
        Assert.Equal("tinyai-desktop", root.GetProperty("device").GetString());
        Assert.Equal("gesture", root.GetProperty("model").GetString());
        Assert.Equal(1, root.GetProperty("accuracy").GetDouble());
        JsonElement[] inputs = [.. root.GetProperty("inputs").EnumerateArray()];
        Assert.Equal(5, inputs.Length);
        Assert.Equal(mode == "perf" ? "device" : "host", root.GetProperty("clock").GetString());
        Assert.All(inputs, i => Assert.True(i.GetProperty("iterations").GetInt32() >= 10 && i.GetProperty("microseconds").GetDouble() >= 50_000));
        double median = inputs.Select(i => i.GetProperty("latencyMicroseconds").GetDouble()).Order().ElementAt(2);
        Assert.Equal(median, root.GetProperty("medianLatencyMicroseconds").GetDouble());
    }

    [Fact]
    public void Inputs_and_classes_may_come_from_a_folder()
    {
        using Running dut = Start("tcp:0", energy: false);
        using var folder = new TemporaryFolder();
        var labels = new StringBuilder("# case, class\n");
        for (int i = 0; i < 6; i++)
        {
            var noise = new byte[714];
            new Random(i).NextBytes(noise);
            File.WriteAllBytes(folder.File($"{i:000}.in.bin"), noise);
            labels.Append($"{i:000},{(i == 0 ? "Revelio" : "0")}\n");
        }

        File.WriteAllText(folder.File("labels.csv"), labels.ToString());
        Tool.Result run = Tool.Run("power", "run", "--port", dut.Address, "--model", GestureModel.Path, "--inputs", folder.Path, "--seconds", "0.01", "-o", folder.File("r.json"));
        Assert.Equal(0, run.ExitCode);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(folder.File("r.json")));
        JsonElement[] inputs = [.. result.RootElement.GetProperty("inputs").EnumerateArray()];
        Assert.Equal(["000", "001", "002", "003", "004"], inputs.Select(i => i.GetProperty("input").GetString()));
        Assert.Equal([4, 0, 0, 0, 0], inputs.Select(i => i.GetProperty("label").GetInt32()));
        double right = inputs.Count(i => i.GetProperty("label").GetInt32() == i.GetProperty("answer").GetInt32());
        Assert.Equal(right / 5, result.RootElement.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void The_command_dut_listens_until_it_is_ended()
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "modelpacker.dll"), "dut", "--listen", "tcp:0"]) { RedirectStandardOutput = true })!;
        try
        {
            string line = process.StandardOutput.ReadLine() ?? "";
            Assert.StartsWith("listening at tcp:127.0.0.1:", line);
            using IDevicePort port = DevicePort.Open(line["listening at ".Length..], 115200);
            Assert.Equal("tinyai-desktop", new DutClient(port).Name());
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    [Theory]
    [InlineData("tcp:0")]
    [InlineData("pty")]
    public void A_client_that_leaves_in_the_middle_of_a_transfer_leaves_a_sound_device(string listen)
    {
        using Running dut = Start(listen, energy: false);
        using (IDevicePort port = DevicePort.Open(dut.Address, 115200))
        {
            Assert.Equal("tinyai-desktop", new DutClient(port).Name());
            port.Write("db load 714%db 0011%infer 1"u8);
        }

        using IDevicePort again = DevicePort.Open(dut.Address, 115200);
        var device = new DutClient(again);
        Assert.Equal("tinyai-desktop", device.Name());
        device.Load(new byte[714]);
        Assert.NotNull(device.Infer(1, 0, s_patience).Microseconds);
    }

    [Fact]
    public void Another_models_size_is_refused_with_the_devices_words()
    {
        using Running dut = Start("tcp:0", energy: false);
        using IDevicePort port = DevicePort.Open(dut.Address, 115200);
        var device = new DutClient(port);
        device.Name();
        Assert.Equal("The device refused `db load 100`: The model takes 714 bytes, not 100.", Assert.Throws<DutException>(() => device.Load(new byte[100])).Message);
        device.Load(new byte[714]);
    }

    [Fact]
    public void What_was_measured_before_the_device_fell_silent_is_kept()
    {
        using Running dut = Start("tcp:0", energy: false);
        using var cable = new Cable(dut.Address, infers: 7);
        using var folder = new TemporaryFolder();
        Tool.Result run = Tool.Run("power", "run", "--port", cable.Address, "--model", GestureModel.Path, "--seconds", "0.000001", "-o", folder.File("r.json"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("of 5 inputs were measured and are in", run.Error);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(folder.File("r.json")));
        Assert.False(result.RootElement.GetProperty("complete").GetBoolean());
        Assert.NotEqual("", result.RootElement.GetProperty("fault").GetString());
        Assert.Equal(3, result.RootElement.GetProperty("inputs").GetArrayLength());
    }

    [Theory]
    [InlineData("tcp:127.0.0.1:1", "error: Nobody answers at tcp:127.0.0.1:1")]
    [InlineData("tcp:nowhere", "error: tcp:nowhere is not tcp:HOST:PORT")]
    [InlineData("/dev/no-such-port", "error: The port /dev/no-such-port cannot be opened")]
    [InlineData("/dev/null", "error: /dev/null is no serial port")]
    [InlineData("COM5", "error: COM5 is no port of this system")]
    public void A_port_that_cannot_be_opened_is_said_why(string port, string reason)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("The names of ports are those of Linux and macOS.");
        using var folder = new TemporaryFolder();
        Tool.Result run = Tool.Run("power", "run", "--port", port, "-o", folder.File("r.json"));
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(reason, run.Error);
        Assert.False(File.Exists(folder.File("r.json")));
    }

    [Theory]
    [InlineData("udp:5", "error: udp:5 is neither tcp:PORT nor pty")]
    [InlineData("tcp:99999", "error: tcp:99999 is neither tcp:PORT nor pty")]
    [InlineData("tcp:not.an.address:5", "error: not.an.address is no address of this computer")]
    public void A_place_that_cannot_be_listened_at_is_said_why(string listen, string reason)
    {
        Tool.Result run = Tool.Run("dut", "--listen", listen);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(reason, run.Error);
    }

    [Fact]
    public async Task An_other_side_that_talks_nonsense_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task talk = Task.Run(() =>
        {
            using TcpClient client = listener.AcceptTcpClient();
            for (int b; (b = client.GetStream().ReadByte()) >= 0;)
            {
                if (b == '%') client.GetStream().Write("hello\r\nm-ready\r\n"u8);
            }
        });
        using IDevicePort port = DevicePort.Open($"tcp:127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", 115200);
        Assert.Contains("did not answer name", Assert.Throws<DutException>(() => new DutClient(port).Name()).Message);
        port.Dispose();
        await talk;
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    [InlineData(new double[] { 7 }, 7)]
    public void The_median_is_the_middle(double[] values, double expected) => Assert.Equal(expected, PowerRun.Median(values));

    private static Running Start(string listen, bool energy)
    {
        if (listen == "pty" && OperatingSystem.IsWindows()) Assert.Skip("Windows has no pseudo-terminals of this kind.");
        return new Running(new DutServer(GestureModel.Pack, listen, energy));
    }

    /// <summary>A device that runs beside the test.</summary>
    private sealed class Running : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly DutServer _server;
        private readonly Task _task;

        public Running(DutServer server)
        {
            _server = server;
            _task = Task.Run(() => server.Run(_stop.Token));
        }

        public string Address => _server.Address;

        public void Dispose()
        {
            _stop.Cancel();
            _task.Wait(s_patience);
            _server.Dispose();
        }
    }

    /// <summary>Passes bytes on between a client and a device, and is cut when a number of infer commands has passed.</summary>
    private sealed class Cable : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Cable(string device, int infers)
        {
            _listener.Start();
            Address = $"tcp:127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
            _ = Task.Run(() => Pass(device, infers));
        }

        public string Address { get; }

        public void Dispose() => _listener.Stop();

        private void Pass(string device, int infers)
        {
            using Socket client = _listener.AcceptSocket();
            using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
            far.Connect("127.0.0.1", int.Parse(device.Split(':')[2]));
            var buffer = new byte[4096];
            string tail = "";
            int seen = 0;
            while (true)
            {
                if (client.Poll(1000, SelectMode.SelectRead))
                {
                    int count = client.Receive(buffer);
                    if (count == 0) return;
                    tail += Encoding.ASCII.GetString(buffer, 0, count);
                    seen += tail.Split("infer").Length - 1;
                    tail = tail.Length > 4 ? tail[^4..] : tail;
                    if (seen >= infers) return;
                    far.Send(buffer, count, SocketFlags.None);
                }

                if (far.Poll(1000, SelectMode.SelectRead)) client.Send(buffer, far.Receive(buffer), SocketFlags.None);
            }
        }
    }
}
