using System.Text;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Commands;

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

            <!-- written by a test from boards/profiles, see CONTRIBUTING.md -->

            A board is a file in `boards/profiles`: what its firmware leaves a model. `pack --board NAME` keeps every array within the largest safe
            one and refuses a model that does not fit, with the layer, the need, the limit and a way out. `--board` also takes the path of a profile
            of your own; one for a new board is a copy of the nearest with its figures.

            **None of these figures was measured on a board by this project.** Each profile says where its figures come from.


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
}
