using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Benchmarks;

/// <summary>A SavedModel of 400 MiB as TensorFlow 1.15 writes it: a chain of products, whose hundred weights of 1024 × 1024 floats are variables in a checkpoint of one shard.</summary>
internal static class LargeSavedModel
{
    private const int Variables = 100;
    private const int Side = 1024;
    private const int Bytes = Side * Side * sizeof(float);
    private const int Producer = 134;

    /// <summary>Bytes of all weights.</summary>
    public const long WeightBytes = (long)Variables * Bytes;

    public const string Output = "y";

    /// <summary>Writes the folder.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "variables"));
        File.WriteAllBytes(Path.Combine(folder, "saved_model.pb"), Message());
        var checksums = new List<uint>();
        using (FileStream data = File.Create(Path.Combine(folder, "variables", "variables.data-00000-of-00001")))
        {
            float[] weights = new float[Side * Side];
            for (int i = 0; i < Variables; i++)
            {
                var numbers = new Random(i);
                for (int j = 0; j < weights.Length; j++)
                    weights[j] = (numbers.NextSingle() - 0.5f) / 16;
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(weights);
                checksums.Add(Crc32C.Mask(Crc32C.Compute(bytes)));
                data.Write(bytes);
            }
        }
        File.WriteAllBytes(Path.Combine(folder, "variables", "variables.index"), Index(checksums));
    }

    private static string Name(int variable) => string.Create(CultureInfo.InvariantCulture, $"v{variable:000}");

    private static byte[] Message()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"versions {{producer={Producer}}}");
        text.AppendLine(CultureInfo.InvariantCulture, $"x = Placeholder() {{dtype=float, shape=(1,{Side})}}");
        text.AppendLine("file = Placeholder() {dtype=string, shape=()}");
        text.AppendLine("slice = Const() {dtype=string, value=string[1]{\"\"}}");
        for (int i = 0; i < Variables; i++)
        {
            string name = Name(i);
            text.AppendLine(CultureInfo.InvariantCulture, $"{name} = VarHandleOp() {{container=\"\", dtype=float, shape=({Side},{Side}), shared_name=\"{name}\"}}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}/read = ReadVariableOp({name}) {{dtype=float}}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{(i == Variables - 1 ? Output : name + "/product")} = MatMul({(i == 0 ? "x" : Name(i - 1) + "/product")}, {name}/read) {{T=float, transpose_a=false, transpose_b=false}}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}/name = Const() {{dtype=string, value=string[1]{{\"{name}\"}}}}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}/restored = RestoreV2(file, {name}/name, slice) {{dtypes=[float]}}");
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}/assigned = AssignVariableOp({name}, {name}/restored) {{dtype=float}}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"restore = NoOp({string.Join(", ", Enumerable.Range(0, Variables).Select(i => $"^{Name(i)}/assigned"))})");
        using var graph = new MemoryStream();
        GraphDefWriter.Write(GraphText.Parse(text.ToString()), graph);
        byte[] info = [.. Field(4, "serve"u8), .. Field(5, "1.15.5"u8)];
        byte[] saver = [.. Field(1, "file:0"u8), .. Field(3, "restore"u8)];
        byte[] signature = [.. Field(1, Endpoint("x")), .. Field(2, Endpoint(Output)), .. Field(3, "tensorflow/serving/predict"u8)];
        byte[] signatures = [.. Field(1, "serving_default"u8), .. Field(2, signature)];
        return [0x08, 1, .. Field(2, [.. Field(1, info), .. Field(2, graph.ToArray()), .. Field(3, saver), .. Field(5, signatures)])];
    }

    private static byte[] Endpoint(string name)
    {
        byte[] shape = [.. Field(2, [0x08, 1]), .. Field(2, [0x08, .. Varint(Side)])];
        byte[] tensor = [.. Field(1, Encoding.UTF8.GetBytes(name + ":0")), 0x10, (byte)DataType.Float, .. Field(3, shape)];
        return [.. Field(1, Encoding.UTF8.GetBytes(name)), .. Field(2, tensor)];
    }

    /// <summary>A table of one block: the header under the empty key, then the variables.</summary>
    private static byte[] Index(List<uint> checksums)
    {
        var file = new List<byte>();
        byte[] shape = [.. Field(2, [0x08, .. Varint(Side)]), .. Field(2, [0x08, .. Varint(Side)])];
        byte[] handle = Append(file,
        [
            ("", [0x08, 1, .. Field(3, [0x08, 1])]),
            .. checksums.Select((checksum, i) => (Name(i), (byte[])[0x08, (byte)DataType.Float, .. Field(2, shape), 0x20, .. Varint((ulong)i * Bytes), 0x28, .. Varint(Bytes), 0x35, .. Word(checksum)])),
        ]);
        byte[] footer = new byte[48];
        byte[] handles = [0, 0, .. Append(file, [("\xFF", handle)])];
        handles.CopyTo(footer, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(40), 0xDB4775248B80FB57);
        return [.. file, .. footer];
    }

    /// <summary>A block of whole keys; gives its place and size.</summary>
    private static byte[] Append(List<byte> file, IEnumerable<(string Key, byte[] Value)> entries)
    {
        int start = file.Count;
        foreach (var (key, value) in entries)
            file.AddRange([0, .. Varint((ulong)key.Length), .. Varint((ulong)value.Length), .. Encoding.Latin1.GetBytes(key), .. value]);
        file.AddRange([0, 0, 0, 0, 1, 0, 0, 0]);
        byte[] handle = [.. Varint((ulong)start), .. Varint((ulong)(file.Count - start))];
        file.Add(0);
        file.AddRange(Word(Crc32C.Mask(Crc32C.Compute(CollectionsMarshal.AsSpan(file)[start..]))));
        return handle;
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) => [(byte)((number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private static byte[] Word(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
