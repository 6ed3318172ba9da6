using TinyAI.DeviceGate;
using TinyAI.ModelPacker.Emit.CSharp;

namespace TinyAI.Bench.Nano;

/// <summary>Generated code as the interpreter runs it; its sources go to a folder beside this program.</summary>
internal static class CodeApplication
{
    private const string Work = """
        public static class Work
        {
            private static MODEL s_model;

            public static void Setup(byte[] blob)
            {
                s_model = new MODEL();
            }

            public static void Run()
            {
                s_model.Run();
            }
        }
        """;

    /// <summary>The application of a generated library whose model class has this full name.</summary>
    public static NanoApplication Write(GeneratedLibrary library, string modelClass)
    {
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "generated", library.Name)).FullName;
        var projects = new List<NanoProject> { NanoProject.Read("src/Kernels/TinyAI.Kernels.nfproj") };
        foreach (GeneratedAssembly assembly in library.Assemblies)
        {
            foreach ((string file, string text) in assembly.Files) File.WriteAllText(Path.Combine(folder, file), text);
            projects.Add(new NanoProject(Path.Combine(folder, assembly.Name + ".nfproj"), assembly.Name, [.. assembly.Files.Keys], ["mscorlib"], [.. projects]));
        }

        // A resource cannot be empty.
        return new NanoApplication([(Work.Replace("MODEL", modelClass, StringComparison.Ordinal), "Work.cs")], new byte[1], [projects[^1]]);
    }
}
