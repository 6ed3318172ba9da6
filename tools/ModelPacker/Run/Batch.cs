using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Run;

/// <summary>A folder of raw tensors: NNN.in.bin, or NNN.in0.bin, NNN.in1.bin … where a model has several.</summary>
public static class Batch
{
    /// <summary>The cases of a folder, ascending by number and then name.</summary>
    /// <exception cref="ModelFormatException">There are none.</exception>
    public static string[] Cases(string folder)
    {
        if (File.Exists(folder)) throw new ModelFormatException($"{folder} is a file: give the folder that holds it.");
        if (!Directory.Exists(folder)) throw new ModelFormatException($"The folder {folder} does not exist: check the path.");
        string[] cases = [.. Directory.GetFiles(folder, "*.bin")
            .Select(f => Path.GetFileName(f))
            .Where(f => f.EndsWith(".in.bin", StringComparison.Ordinal) || f.EndsWith(".in0.bin", StringComparison.Ordinal))
            .Select(f => f[..f.LastIndexOf(".in", StringComparison.Ordinal)])
            .Distinct()
            .OrderBy(f => long.TryParse(f, out long n) ? n : long.MaxValue).ThenBy(f => f, StringComparer.Ordinal)];
        if (cases.Length == 0) throw new ModelFormatException($"The folder {folder} holds no NNN.in.bin or NNN.in0.bin: there is nothing to run.");
        return cases;
    }

    /// <summary>Reads the inputs of a case and checks their sizes.</summary>
    public static byte[][] Inputs(string folder, string name, IModelRunner runner)
    {
        var inputs = new byte[runner.InputCount][];
        for (int i = 0; i < inputs.Length; i++)
        {
            string path = TensorPath(folder, name, "in", i, inputs.Length);
            if (!File.Exists(path)) throw new ModelFormatException($"Case {name} has no file {Path.GetFileName(path)}; the model takes {inputs.Length} inputs.");
            inputs[i] = Tensor(path, runner.InputBytes(i), $"input {i} of the model takes");
        }

        return inputs;
    }

    /// <summary>Reads a tensor that must have this many bytes; the use says who wants them, for the message.</summary>
    public static byte[] Tensor(string path, int bytes, string use)
    {
        long length = new FileInfo(path).Length;
        return length == bytes
            ? InputFile.Read(path, bytes)
            : throw new ModelFormatException($"{Path.GetFileName(path)} has {length} bytes; {use} {bytes}.");
    }

    /// <summary>
    /// Name of an output's file. A single output carries no number, unless a golden file beside the inputs does, or the
    /// case numbers its single input too.
    /// </summary>
    public static string OutputName(string folder, string name, int index, IModelRunner runner)
    {
        bool Exists(string file) => File.Exists(Path.Combine(folder, file));
        bool numbered = runner.OutputCount > 1 || Exists($"{name}.out0.bin") || (runner.InputCount == 1 && Exists($"{name}.in0.bin") && !Exists($"{name}.out.bin"));
        return numbered ? $"{name}.out{index}.bin" : $"{name}.out.bin";
    }

    /// <summary>Path of a tensor of a case; a single tensor may or may not carry its index.</summary>
    public static string TensorPath(string folder, string name, string kind, int index, int count)
    {
        string plain = Path.Combine(folder, $"{name}.{kind}.bin"), numbered = Path.Combine(folder, $"{name}.{kind}{index}.bin");
        return count == 1 && !File.Exists(numbered) ? plain : numbered;
    }
}
