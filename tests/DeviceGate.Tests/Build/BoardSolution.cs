namespace TinyAI.DeviceGate;

/// <summary>The application projects in TinyAI.sln: nanoFramework projects that are built and deployed, a folder per board.</summary>
public static class BoardSolution
{
    private const string Nano = "{11A8DD76-328B-46DF-9F39-F559912D0360}";
    private const string Folder = "{2150E333-8FDC-42A3-9474-1A3956D46DE8}";
    private const string Boards = "{A7B8C9D0-1111-4A4A-9B9B-5C5C5C5C0004}";

    /// <summary>The solution with every application in it; what is there already stays as it is.</summary>
    public static string WithApplications(string solution)
    {
        string end = solution.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        foreach (string board in BoardApplications.Boards)
        {
            string folder = BoardApplications.Guid(board);
            solution = Add(solution, end, Folder, board, board, folder, Boards, built: false);
            foreach (string app in BoardApplications.Names)
            {
                string name = $"{board}.{app}";
                solution = Add(solution, end, Nano, name, $@"boards\{board}\{app}\{name}.nfproj", BoardApplications.Guid(name), folder, built: true);
            }
        }

        return solution;
    }

    private static string Add(string solution, string end, string type, string name, string path, string guid, string parent, bool built)
    {
        if (solution.Contains(guid, StringComparison.Ordinal)) return solution;
        int at = solution.IndexOf("Global" + end, StringComparison.Ordinal);
        solution = solution.Insert(at, $"Project(\"{type}\") = \"{name}\", \"{path}\", \"{guid}\"{end}EndProject{end}");
        string[] keys = built ? ["ActiveCfg", "Build.0", "Deploy.0"] : [];
        string lines = string.Concat(new[] { "Debug", "Release" }.SelectMany(c => keys.Select(k => $"\t\t{guid}.{c}|Any CPU.{k} = {c}|Any CPU{end}")));
        solution = AtEndOf(solution, end, "GlobalSection(ProjectConfigurationPlatforms)", lines);
        return AtEndOf(solution, end, "GlobalSection(NestedProjects)", $"\t\t{guid} = {parent}{end}");
    }

    private static string AtEndOf(string solution, string end, string section, string lines)
    {
        int close = solution.IndexOf("EndGlobalSection", solution.IndexOf(section, StringComparison.Ordinal), StringComparison.Ordinal);
        return solution.Insert(solution.LastIndexOf(end, close, StringComparison.Ordinal) + end.Length, lines);
    }
}
