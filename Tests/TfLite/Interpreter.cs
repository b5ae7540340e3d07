using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>
/// Real interpreters in Node: the runner of shared/tflite-node, with its packages. TFLITE_NODE names a folder that has both; else the folder in shared must have node_modules
/// (<c>npm ci</c> there).
/// </summary>
internal static class Interpreter
{
    /// <summary>The folder of the runner, or null when Node or its packages are missing.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Runs models, each on its feeds.</summary>
    /// <param name="runtime"><c>tfjs</c> or <c>litert</c>.</param>
    /// <param name="models">Models, and for each input its values: one more dimension than the input has, for several runs.</param>
    /// <returns>For each model its outputs in order, or the interpreter's words when it fails.</returns>
    public static (Tensor[]? Outputs, string Failure)[] Run(string runtime, IReadOnlyList<(byte[] Model, Tensor[] Feeds)> models)
    {
        string folder = Directory.CreateTempSubdirectory("interpreter").FullName;
        try
        {
            var lines = new List<string>();
            for (int i = 0; i < models.Count; i++)
            {
                string path = Path.Combine(folder, $"{i}.tflite");
                File.WriteAllBytes(path, models[i].Model);
                TfLiteSubgraph main = ModelDecoder.Decode(models[i].Model, CancellationToken.None).Subgraphs[0];
                NpzWriter.Write(Path.ChangeExtension(path, ".in.npz"), main.Inputs.Select(input => main.Tensors[input].Name).Zip(models[i].Feeds));
                lines.Add($"{path} {Path.ChangeExtension(path, ".in.npz")} {Path.ChangeExtension(path, ".out.npz")}");
            }
            string list = Path.Combine(folder, "list.txt");
            File.WriteAllLines(list, lines);
            string[] said = Execute(runtime, list);
            return [.. models.Select((model, i) => Result(said.FirstOrDefault(line => line.Contains($"/{i}.tflite", StringComparison.Ordinal)) ?? "no answer", model.Model, Path.Combine(folder, $"{i}.out.npz")))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (Tensor[]? Outputs, string Failure) Result(string said, byte[] model, string path)
    {
        if (!said.StartsWith("ok ", StringComparison.Ordinal))
            return (null, said);
        TfLiteSubgraph main = ModelDecoder.Decode(model, CancellationToken.None).Subgraphs[0];
        Dictionary<string, Tensor> outputs = NpzFile.Read(path);
        return main.Outputs.All(output => outputs.ContainsKey(main.Tensors[output].Name)) ? ([.. main.Outputs.Select(output => outputs[main.Tensors[output].Name])], "") : (null, "the shapes of its outputs differ between runs");
    }

    private static string[] Execute(string runtime, string list)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])[Path.Combine(Folder!, "run.mjs"), $"--batch={list}", $"--runtime={runtime}"])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string[] said = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        errors.Wait();
        return said;
    }

    private static string? Find()
    {
        string? folder = Environment.GetEnvironmentVariable("TFLITE_NODE") ?? SharedFiles.Find("tflite-node");
        if (folder is null || !File.Exists(Path.Combine(folder, "run.mjs")) || !Directory.Exists(Path.Combine(folder, "node_modules")))
            return null;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true, UseShellExecute = false })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? folder : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>Writes arrays as .npz.</summary>
internal static class NpzWriter
{
    public static void Write(string path, IEnumerable<(string Name, Tensor Array)> arrays)
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, array) in arrays)
        {
            using Stream stream = archive.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
            string kind = array.Type switch
            {
                DataType.Float => "<f4",
                DataType.Double => "<f8",
                DataType.Int8 => "|i1",
                DataType.UInt8 => "|u1",
                DataType.Bool => "|b1",
                DataType.Int16 => "<i2",
                DataType.Int32 => "<i4",
                DataType.Int64 => "<i8",
                _ => throw new NotSupportedException(array.Type.Name()),
            };
            string shape = array.Shape.Rank == 1 ? $"{array.Shape[0]}," : string.Join(", ", array.Shape.Dimensions);
            string header = $"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}";
            header = header.PadRight(header.Length + ((64 - ((10 + header.Length + 1) % 64)) % 64)) + "\n";
            byte[] prefix = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)];
            stream.Write(prefix);
            stream.Write(Encoding.Latin1.GetBytes(header));
            stream.Write(array.Bytes.Span);
        }
    }
}
