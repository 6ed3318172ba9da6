using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// What the packer knows of one operator: when it can run, how much work it is, and which kernel calls it becomes.
/// To add one, write a class in this folder, a kernel in src/Kernels, and a line in <see cref="OperatorTable"/>.
/// </summary>
public abstract class Operator
{
    /// <summary>
    /// Every reason why this node cannot run, as sentences without the node's name (the caller adds it). An empty
    /// result promises that <see cref="Lower"/> succeeds and that kernels stay inside their tensors: types, ranks,
    /// shapes and quantisation from the file are not to be believed before they have been checked here.
    /// </summary>
    public abstract IEnumerable<string> Check(Node node);

    /// <summary>Adds the node's kernel calls, or only views where nothing has to be computed.</summary>
    public abstract void Lower(Node node, Lowering lowering);

    /// <summary>
    /// The node as a table, where it is a function of one 8-bit value and nothing else; null where it is not. Only for
    /// nodes that <see cref="Check"/> has nothing against.
    /// </summary>
    public virtual ByteTable? Table(Node node) => null;

    /// <summary>Multiply-accumulates of one run.</summary>
    public virtual long Macs(Node node) => 0;
}
