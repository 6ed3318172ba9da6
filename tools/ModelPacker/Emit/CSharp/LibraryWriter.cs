using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Puts generated methods into classes, classes into assemblies that stay below the CLR's limits, and writes every file
/// of the class library: sources, projects, package lists, the label enumeration and the model class.
/// </summary>
internal static class LibraryWriter
{
    /// <summary>RAM of a loaded assembly before its tables: see <see cref="RamOf"/>.</summary>
    private const int AssemblyRam = 136;

    /// <summary>Bytes of a .pe beside IL: header, tables and strings of an assembly, and of each method.</summary>
    private const int AssemblyFlash = 300, MethodFlash = 40;

    /// <summary>Array initialisers of one assembly; with all signatures they must stay below 64 KB.</summary>
    private const int AssemblyData = 48_000;

    private sealed record Part(string Name, List<(LayerCode Layer, CodeMethod Method)> Members)
    {
        public int Il => Members.Sum(m => m.Method.IlBytes);

        public int Data => Members.Sum(m => m.Method.DataBytes);
    }

    /// <summary>Writes the library of a model.</summary>
    public static GeneratedLibrary Write(CodeModel model, List<LayerCode> layers, Metadata metadata, CodeOptions options)
    {
        layers = ShareFields(layers);
        string name = Names.Pascal(metadata.Name ?? model.Model.Name, "Model");
        var modelClass = new ModelClassWriter(name, model, layers, metadata);
        List<Part> parts = Divide(name, layers, options, modelClass.IlBytes);
        var homes = new Dictionary<CodeMethod, string>();
        foreach (Part part in parts)
        {
            foreach ((LayerCode layer, CodeMethod method) in part.Members) homes[method] = ClassOf(part, layer, name);
        }

        var assemblies = new List<GeneratedAssembly>();
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string[] partNames = [.. parts.Where(p => p.Name != name).Select(p => p.Name)];
        foreach (Part part in parts)
        {
            bool main = part.Name == name;
            var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var group in part.Members.GroupBy(m => m.Layer))
                sources[$"{ClassOf(part, group.Key, name)}.cs"] = Class(ClassOf(part, group.Key, name), group.Key, group.Select(m => m.Method));
            if (main)
            {
                sources[$"{name}Model.cs"] = modelClass.Write(homes);
                if (metadata.Labels.Length > 0) sources[$"{name}Label.cs"] = ModelClassWriter.Labels(name, metadata.Labels);
            }

            sources[$"{part.Name}.AssemblyInfo.cs"] = ProjectFiles.AssemblyInfo(part.Name);
            int methods = part.Members.Sum(m => m.Method.Methods) + (main ? modelClass.Methods : 0);
            int il = part.Il + (main ? modelClass.IlBytes : 0);
            int data = part.Data + (main ? layers.Sum(l => l.Fields.Sum(f => f.DataBytes)) : 0);
            int ram = RamOf(
                types: part.Members.Select(m => m.Layer).Distinct().Count() + (main ? 3 : 1), methods, fields: main ? modelClass.FieldCount : 0,
                references: main ? 20 + layers.Sum(l => l.Calls.Count(c => c.Method is null || homes[c.Method] is { } home && !part.Members.Any(m => m.Method == c.Method))) * 2 : 3);
            assemblies.Add(new GeneratedAssembly(part.Name, sources, il, il + data + AssemblyFlash + methods * MethodFlash, ram));
            foreach ((string file, string text) in sources) files[file] = text;
            files[$"{part.Name}.nfproj"] = ProjectFiles.Project(part.Name, sources.Keys, main ? partNames : [], main || sources.Values.Any(s => s.Contains("TinyAI.Kernels.", StringComparison.Ordinal)));
        }

        files["packages.config"] = ProjectFiles.Packages();
        return new GeneratedLibrary
        {
            Name = name,
            Assemblies = [.. assemblies],
            Files = files,
            ActivationBytes = model.Plan.BlockBytes.Sum(b => HeapModel.Array(b, 1)),
            HeapBytes = model.Plan.BlockBytes.Sum(b => HeapModel.Array(b, 1)) + HeapModel.Object(modelClass.FieldCount) + layers.Sum(l => l.Fields.Sum(f => f.HeapBytes)),
            Parameters = model.Layers.Sum(l => l.Layer.WeightCount),
        };
    }

    /// <summary>
    /// Scratch that several layers ask for by the same name is made once, in the largest size. Their initialisers differ in that number
    /// alone; heap does not tell them apart, as the CLR rounds it.
    /// </summary>
    private static List<LayerCode> ShareFields(List<LayerCode> layers)
    {
        var largest = layers.SelectMany(l => l.Fields).GroupBy(f => f.Name)
            .Select(g => g.OrderBy(f => f.Initialiser.Length).ThenBy(f => f.Initialiser, StringComparer.Ordinal).Last()).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. layers.Select(l => l with { Fields = [.. l.Fields.Where(largest.Contains)] })];
    }

    /// <summary>RAM of a loaded assembly in bytes: the tables that the CLR keeps beside those in flash.</summary>
    private static int RamOf(int types, int methods, int fields, int references) => AssemblyRam + 4 * references + 8 * types + 2 * fields + 2 * methods;

    private static string ClassOf(Part part, LayerCode layer, string name) =>
        part.Name == name ? $"{name}Layer{layer.Index}" : $"{part.Name.Replace(".", "", StringComparison.Ordinal)}Layer{layer.Index}";

    /// <summary>Fills assemblies in the order of the layers; what is last shares the main assembly with the model class.</summary>
    private static List<Part> Divide(string name, List<LayerCode> layers, CodeOptions options, int modelIl)
    {
        var all = layers.SelectMany(l => l.Methods.Select(m => (Layer: l, Method: m))).ToList();
        var parts = new List<Part>();
        var current = new Part(name, []);
        foreach ((LayerCode layer, CodeMethod method) in all)
        {
            bool full = current.Il + method.IlBytes > options.AssemblyIlBytes || current.Data + method.DataBytes > AssemblyData;
            if (current.Members.Count > 0 && full) Flush();
            current.Members.Add((layer, method));
        }

        int ownData = layers.Sum(l => l.Fields.Sum(f => f.DataBytes));
        if (current.Members.Count > 0 && (current.Il + modelIl > options.AssemblyIlBytes || current.Data + ownData > AssemblyData)) Flush();
        parts.Add(current);
        return parts;

        void Flush()
        {
            parts.Add(current with { Name = $"{name}.Part{parts.Count + 1}" });
            current = new Part(name, []);
        }
    }

    private static string Class(string type, LayerCode layer, IEnumerable<CodeMethod> methods)
    {
        var code = new CodeText();
        ProjectFiles.Head(code);
        code.Open("namespace TinyAI.Models");
        code.Line("/// <summary>");
        foreach (string remark in layer.Remarks) code.Line($"/// {System.Security.SecurityElement.Escape(remark)}");
        code.Line("/// </summary>");
        code.Open($"public static class {type}");
        bool first = true;
        string text = code.ToString();
        foreach (CodeMethod method in methods)
        {
            text += (first ? "" : "\n") + method.Text;
            first = false;
        }

        return text + "    }\n}\n";
    }
}
