using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>
/// Puts generated methods into classes, classes into assemblies that stay below the CLR's limits, and writes every file
/// of the class library: sources, projects, package lists, the label enumeration and the model class.
/// </summary>
internal static class LibraryWriter
{
    /// <summary>RAM of a loaded assembly before its tables: see <see cref="RamOf"/>.</summary>
    private const int AssemblyRam = 136;

    /// <summary>Array initialisers of one assembly; with all signatures they must stay below 64 KB.</summary>
    private const int AssemblyData = 48_000;

    private sealed record Part(string Name, List<(LayerCode Layer, CodeMethod Method)> Members)
    {
        public int Il => Members.Sum(m => m.Method.IlBytes) + Helpers.Sum(h => h.IlBytes);

        public IReadOnlyList<CodeMethod> Helpers => [.. Members.SelectMany(m => m.Method.Helpers).DistinctBy(h => h.Name).OrderBy(h => h.Name, StringComparer.Ordinal)];

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
            foreach ((_, CodeMethod method) in part.Members) homes[method] = ClassOf(part);
        }

        var assemblies = new List<GeneratedAssembly>();
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string[] partNames = [.. parts.Where(p => p.Name != name).Select(p => p.Name)];
        foreach (Part part in parts)
        {
            bool main = part.Name == name;
            var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var group in part.Members.GroupBy(m => m.Layer))
                sources[$"{part.Name}.Layer{group.Key.Index}.cs"] = Class(ClassOf(part), isPublic: !main, group.Key.Remarks, group.Select(m => m.Method));
            if (part.Helpers.Count > 0) sources[$"{part.Name}.Shared.cs"] = Class(ClassOf(part), isPublic: !main, ["Methods that layers call."], part.Helpers);
            if (main)
            {
                sources[$"{name}Model.cs"] = modelClass.Write(homes);
                if (metadata.Labels.Length > 0) sources[$"{name}Label.cs"] = ModelClassWriter.Labels(name, metadata.Labels);
            }

            sources[$"{part.Name}.AssemblyInfo.cs"] = ProjectFiles.AssemblyInfo(part.Name);
            int methods = part.Members.Sum(m => m.Method.Methods) + part.Helpers.Count + (main ? modelClass.Methods : 0);
            int il = part.Il + (main ? modelClass.IlBytes : 0);
            int ram = RamOf(
                types: main ? 4 : 1, methods, fields: main ? modelClass.FieldCount : 0,
                references: main ? 20 + layers.Sum(l => l.Calls.Count(c => c.Method is null || homes[c.Method] is { } home && !part.Members.Any(m => m.Method == c.Method))) * 2 : 3);
            int flash = FlashOf(part, main ? modelClass : null, sources, layers, main ? parts : []);
            assemblies.Add(new GeneratedAssembly(part.Name, sources, il, flash, ram));
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
    /// What several layers ask for by the same name is made once, in the largest size. Initialisers of scratch differ in that number
    /// alone; heap does not tell them apart, as the CLR rounds it.
    /// </summary>
    private static List<LayerCode> ShareFields(List<LayerCode> layers)
    {
        var largest = layers.SelectMany(l => l.Fields).GroupBy(f => f.Name)
            .Select(g => g.OrderBy(f => f.Initialiser.Length).ThenBy(f => f.Initialiser, StringComparer.Ordinal).Last()).ToHashSet(ReferenceEqualityComparer.Instance);
        CodeMethod[] makers = [.. layers.SelectMany(l => l.Fields).Where(f => f.Maker is not null && !largest.Contains(f)).Select(f => f.Maker!)];
        return [.. layers.Select(l => l with { Fields = [.. l.Fields.Where(largest.Contains)], Methods = [.. l.Methods.Where(m => !makers.Contains(m, ReferenceEqualityComparer.Instance))] })];
    }

    /// <summary>RAM of a loaded assembly in bytes: the tables that the CLR keeps beside those in flash.</summary>
    private static int RamOf(int types, int methods, int fields, int references) => AssemblyRam + 4 * references + 8 * types + 2 * fields + 2 * methods;

    /// <summary>The class of an assembly's layers: one for all, because each takes flash, in a file for each.</summary>
    private static string ClassOf(Part part) => $"{part.Name.Replace(".", "", StringComparison.Ordinal)}Layers";

    /// <summary>Flash of an assembly; modelClass is null where it has none.</summary>
    private static int FlashOf(Part part, ModelClassWriter? modelClass, IReadOnlyDictionary<string, string> sources, List<LayerCode> layers, List<Part> parts)
    {
        var size = new PeSize(part.Name);
        if (part.Members.Count > 0) size.Type(ClassOf(part));
        foreach (CodeMethod method in part.Members.Select(m => m.Method))
        {
            size.Text(method.Text, method.IlBytes);
            size.Data(method.DataBytes);
        }

        foreach (CodeMethod helper in part.Helpers) size.Text(helper.Text, helper.IlBytes);
        if (modelClass is null) return size.Bytes;
        size.Type(modelClass.ClassName);
        size.Text(sources[$"{modelClass.ClassName}.cs"], modelClass.IlBytes);
        foreach (string block in modelClass.Blocks) size.Field(block, 0);
        foreach (CodeField field in layers.SelectMany(l => l.Fields)) size.Field(field.Name, field.DataBytes);
        foreach (Part other in parts.Where(p => p != part))
        {
            foreach (CodeCall call in layers.SelectMany(l => l.Calls).Where(c => c.Method is not null && other.Members.Any(m => m.Method == c.Method)))
                size.Reference(other.Name, ClassOf(other), call.Method!.Name);
        }

        return size.Bytes;
    }

    /// <summary>Fills assemblies in the order of the layers; what is last shares the main assembly with the model class.</summary>
    private static List<Part> Divide(string name, List<LayerCode> layers, CodeOptions options, int modelIl)
    {
        // The copy of a padded input is one method for all layers; it stands with the first of them.
        var all = layers.SelectMany(l => l.Methods.Select(m => (Layer: l, Method: m))).DistinctBy(m => m.Method).ToList();
        var parts = new List<Part>();
        var current = new Part(name, []);
        foreach ((LayerCode layer, CodeMethod method) in all)
        {
            bool full = current.Il + method.IlBytes + method.Helpers.Sum(h => h.IlBytes) > options.AssemblyIlBytes || current.Data + method.DataBytes > AssemblyData;
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

    private static string Class(string type, bool isPublic, string[] remarks, IEnumerable<CodeMethod> methods)
    {
        var code = new CodeText();
        ProjectFiles.Head(code);
        code.Open("namespace TinyAI.Models");
        code.Open($"{(isPublic ? "public" : "internal")} static partial class {type}");
        foreach (string remark in remarks) code.Line($"// {remark}");
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
