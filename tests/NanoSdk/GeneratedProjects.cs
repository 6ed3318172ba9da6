using TinyAI.DeviceGate;

namespace TinyAI.NanoInterpreter;

/// <summary>Projects of a generated library, for the interpreter.</summary>
public static class GeneratedProjects
{
    /// <summary>Writes the sources of a library's assemblies, in their order, to a folder; returns the last project, which refers to all others and the kernels.</summary>
    public static NanoProject Write(string folder, IEnumerable<(string Name, IReadOnlyDictionary<string, string> Files)> assemblies)
    {
        Directory.CreateDirectory(folder);
        var projects = new List<NanoProject> { NanoProject.Read("src/Kernels/TinyAI.Kernels.nfproj") };
        foreach ((string name, IReadOnlyDictionary<string, string> files) in assemblies)
        {
            foreach ((string file, string text) in files) File.WriteAllText(Path.Combine(folder, file), text);
            projects.Add(new NanoProject(Path.Combine(folder, name + ".nfproj"), name, [.. files.Keys], ["mscorlib"], [.. projects]));
        }

        return projects[^1];
    }
}
