using System.Diagnostics;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.Boards.Tests.Commands;

/// <summary>boards/flash.sh: the commands it would run, and its words where something is missing.</summary>
public class FlashTests
{
    [Fact]
    public void It_prints_the_commands_for_firmware_application_and_model()
    {
        string boards = Path.Combine(RepositoryFolder.Path, "boards"), model = Path.Combine(boards, "Apps", "gesture.tai");
        (int exit, string output, string error) = Run("--board", "m5stickc-plus", "--port", "/dev/ttyUSB7", "--app", "PowerTest", "--model", model, "--dry-run");
        Assert.Equal((0, ""), (exit, error));
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.Equal($"dotnet tool install nanoff --version 2.5.162 --tool-path {boards}/.tools", lines[0]);
        Assert.Equal($"{boards}/.tools/nanoff --update --target M5StickCPlus --serialport /dev/ttyUSB7", lines[1]);
        Assert.Equal($"{boards}/.tools/nanoff --target M5StickCPlus --serialport /dev/ttyUSB7 --deploy --image {boards}/m5stickc-plus/PowerTest/bin/Release/TinyAI.PowerTest.bin", lines[2]);
        Assert.Contains(@"{""serialport"":""/dev/ttyUSB7"",""files"":[{""DestinationFilePath"":""I:\\model.tai"",""SourceFilePath"":""" + model + @"""}]}", lines[3]);
        Assert.StartsWith($"{boards}/.tools/nanoff --filedeployment ", lines[4]);
    }

    [Theory]
    [InlineData("esp32-devkit", "ESP32_REV3")]
    [InlineData("esp32-s3-devkit", "ESP32_S3_QUAD")]
    [InlineData("esp32-c3", "ESP32_C3")]
    [InlineData("m5core2", "M5Core2")]
    public void Every_board_has_its_firmware(string board, string target)
    {
        (int exit, string output, _) = Run("--board", board, "--port", "/dev/ttyACM0", "--dry-run");
        Assert.Equal(0, exit);
        Assert.Contains($"--update --target {target} --serialport /dev/ttyACM0", output);
        Assert.DoesNotContain("--update", Run("--board", board, "--port", "/dev/ttyACM0", "--no-firmware", "--dry-run").Output);
    }

    [Theory]
    [InlineData("Name a board with --board: one of esp32-c3 esp32-devkit esp32-s3-devkit m5core2 m5stickc-plus")]
    [InlineData("There is no board nosuch", "--board", "nosuch")]
    [InlineData("Name the board's serial port with --port", "--board", "esp32-c3")]
    [InlineData("There is no port /dev/no-such-port", "--board", "esp32-c3", "--port", "/dev/no-such-port")]
    [InlineData("There is no application Toaster", "--board", "esp32-c3", "--port", "/dev/null", "--app", "Toaster")]
    [InlineData("The application is not built", "--board", "esp32-c3", "--port", "/dev/null")]
    [InlineData("The model nowhere.tai does not exist", "--board", "esp32-c3", "--port", "/dev/null", "--model", "nowhere.tai")]
    [InlineData("The option --bord is unknown", "--bord", "esp32-c3")]
    [InlineData("--port needs a value", "--port")]
    public void What_is_missing_is_said_in_a_sentence(string reason, params string[] arguments)
    {
        (int exit, _, string error) = Run(arguments);
        Assert.Equal(2, exit);
        Assert.StartsWith("error: " + reason, error);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("flash.sh needs a Unix shell; flash.ps1 is its twin for Windows and has no test.");
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(RepositoryFolder.Path, "boards", "flash.sh"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(60_000), "flash.sh hangs");
        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
