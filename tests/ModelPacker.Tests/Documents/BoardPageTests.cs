using System.Text;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Commands;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>docs/boards.md: every board profile with what it leaves a model, and how the gesture model fits it.</summary>
public class BoardPageTests
{
    [Fact]
    public void The_page_of_boards_lists_every_profile()
    {
        PackResult gesture = PackCommand.Pack(DemoCommand.ModelPath, null, null);
        var page = new StringBuilder();
        page.Append(
            """
            # Boards

            <!-- written by a test from boards/, see CONTRIBUTING.md -->

            ## What was and was not run on hardware

            **No board was at hand: nothing in this repository has run on an ESP32 yet, and no figure in it was measured on one.**

            | part | what has been run |
            |--|--|
            | `boards/Common`: windows, gate, votes, sensor driver, protocol, sleep, self-test, probe, text on a panel | on the desktop, with recorded and simulated motion and fake buses; gestures, protocol, self-test and probe also on the nanoFramework interpreter's 32-bit Linux build, on a heap of the smallest board |
            | `boards/Hardware`, `boards/Screen`: I2C, serial port, pins, sleep, files, SPI | compiled against declarations of the nanoFramework packages, which are written from their public surface; never run |
            | `boards/Apps`, and the projects of each board | compiled the same way, for every board; never built in Visual Studio, never deployed |
            | `boards/flash.sh`, `boards/flash.ps1` | the first with `--dry-run` and with everything missing that can be; nanoff itself never, the second never |
            | pins of the boards | from the makers' documents; never wired |
            | serial ports of the desktop tools | Linux, over a pseudo-terminal; macOS and Windows never |

            Whoever runs one of these on a board: please tell, with the Probe's line.

            ## The boards

            Each is a folder with a `Board.cs` of a few lines and four applications whose sources, in `boards/Apps`, are the same on every board.


            """.ReplaceLineEndings("\n"));
        AppendBoards(page);
        page.Append(
            """

            Numbers are GPIOs. Power the sensor from 3.3 V. Applications speak on the second serial port (COM2, a USB-serial adapter on these pins),
            because the first is the debugger's. [device-protocol.md](device-protocol.md) has what they say. Where the folder has a `Screen.cs`, the label
            goes to the board's screen too: one line of capitals, as large as fits, drawn row by row, so that no image takes heap.

            | application | what it does |
            |--|--|
            | Gesture | samples the sensor into its own FIFO, waits for motion, classifies windows, votes; labels go to the console, the light and the screen, rows to COM2 on demand |
            | PowerTest | the MLPerf Tiny device protocol with timestamp and marker pins; or a duty cycle with light or deep sleep (`boards/Apps/PowerTest/Settings.cs`) |
            | SelfTest | runs the goldens in the pack and names the first layer that differs |
            | Probe | measures operations, heap and largest array, and prints a line of JSON for `modelpacker board add` |

            All but Probe run the gesture model they were built with (`boards/Apps/gesture.tai`), or `I:\model.tai` where that file is on the board.

            **Counters across deep sleep** are kept in two files of the internal file system, written in turn with a checksum, so that losing power
            costs one save at most. The RTC memory of the chip is not within reach of managed code. Each deep sleep writes once; a board that wakes
            every few seconds should sleep lightly, where memory stays and saving is rare.

            **No allocation**: a row, a window and a byte of a command allocate nothing in our code, which the gate proves on the compiled code. The class
            library's I2C calls take a `SpanByte`, a struct that the interpreter keeps on its heap for the length of the call.

            ## Adding a board

            1. Copy the folder of the nearest board's `Board.cs` to `boards/NAME/Board.cs` and change name, pins and sensor address.
               A screen takes a `Screen.cs` beside it, see `boards/m5core2`.
            2. If its memory differs from all profiles, copy the nearest file in `boards/profiles` to the name that `Board.cs` gives.
            3. `TINYAI_UPDATE_DOCS=1 dotnet test tests/DeviceGate.Tests` writes the four projects and puts them into TinyAI.sln, then
               `TINYAI_UPDATE_DOCS=1 dotnet test tests/ModelPacker.Tests --filter BoardPage` renews this page.
            4. Flash ([flash-from-visual-studio.md](flash-from-visual-studio.md)), run SelfTest, then Probe, and
               `modelpacker board add --from FILE` replaces the estimates by what was measured.

            ## Profiles

            A profile is a file in `boards/profiles`: what its firmware leaves a model. `pack --board NAME` keeps every array within the largest safe
            one and refuses a model that does not fit, with the layer, the need, the limit and a way out. `--board` also takes the path of a profile
            of your own; one for a new board is a copy of the nearest with its figures.

            None of these figures was measured on a board by this project. Each profile says where its figures come from.


            """.ReplaceLineEndings("\n"));
        page.Append("| name | board | firmware target | managed heap | left for a model | largest safe array | flash for the application | file system |\n");
        page.Append("|--|--|--|--:|--:|--:|--:|--:|\n");
        foreach (BoardProfile board in BoardProfile.All)
        {
            page.Append(
                $"| `{board.Name}` | {board.Title} | {board.FirmwareTarget} | {board.ManagedHeapBytes:N0} | {board.FreeHeapBytes:N0} | {board.LargestSafeArrayBytes:N0} "
                + $"| {board.DeploymentBytes - board.ReservedDeploymentBytes:N0} | {board.FileSystemBytes:N0} |\n");
        }

        page.Append($"\nBytes. The gesture model takes {gesture.Heap.Total:N0} of heap and {gesture.Pack.Length:N0} of flash; it fits ");
        page.Append(string.Join(", ", Account.Of(gesture).Boards.Where(b => b.Fits).Select(b => b.Board))).Append(".\n\n## Where the figures come from\n\n");
        foreach (BoardProfile board in BoardProfile.All) page.Append($"- `{board.Name}`: {board.Source}.\n");
        WrittenDocument.Check("boards.md", page.ToString());
    }

    /// <summary>The pins of every board, from its Board.cs.</summary>
    private static void AppendBoards(StringBuilder page)
    {
        page.Append("| folder | board | profile | sensor SDA, SCL, interrupt | COM2 TX, RX | timestamp, markers A, B | light, button |\n|--|--|--|--|--|--|--|\n");
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryFolder.Path, "boards"), "Board.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string source = File.ReadAllText(file);
            string Pins(params string[] names) =>
                string.Join(", ", names.Select(n => Regex.Match(source, $@"\b{n} = (\d+)") is { Success: true } m ? m.Groups[1].Value : "-"));
            page.Append($"| `{Path.GetFileName(Path.GetDirectoryName(file))}` | {Regex.Match(source, "<summary>(.*?)</summary>").Groups[1].Value} | `{Regex.Match(source, "Name = \"([^\"]*)\"").Groups[1].Value}` ");
            page.Append($"| {Pins("I2cData", "I2cClock", "SensorInterrupt")} | {Pins("SerialTransmit", "SerialReceive")} | {Pins("Timestamp", "MarkerA", "MarkerB")} | {Pins("Light", "Button")} |\n");
        }
    }
}
