using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>The summaries that the compiler wrote beside an assembly, as plain text.</summary>
internal sealed class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members;

    /// <summary>Reads the file beside the assembly.</summary>
    public XmlDocumentation(Assembly assembly) =>
        _members = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")!);

    /// <summary>Paragraphs of a type's summary.</summary>
    public IEnumerable<string> Of(Type type) => Paragraphs(_members["T:" + type.FullName]);

    /// <summary>A constant's summary in one line.</summary>
    public string Of(FieldInfo field) => string.Join(' ', Paragraphs(_members[$"F:{field.DeclaringType!.FullName}.{field.Name}"]));

    private static IEnumerable<string> Paragraphs(XElement summary)
    {
        var plain = new XElement(summary);
        foreach (XElement see in plain.Descendants("see").Concat(plain.Descendants("paramref")).ToArray())
            see.ReplaceWith((see.Attribute("cref") ?? see.Attribute("name"))!.Value.Split('(')[0].Split('.', ':')[^1]);
        XElement[] paragraphs = [.. plain.Elements("para")];
        foreach (XElement paragraph in paragraphs) paragraph.Remove();
        return new[] { plain }.Concat(paragraphs).Select(p => Regex.Replace(p.Value, @"\s+", " ").Trim()).Where(t => t.Length > 0);
    }
}
