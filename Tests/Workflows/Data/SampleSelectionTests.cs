using System.Formats.Tar;
using System.Net;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tests.Data;

/// <summary>Samples from lists, records and archives, in shards, with broken ones among them.</summary>
public sealed class SampleSelectionTests : IDisposable
{
    private const string Graph = "x = Placeholder() {dtype=float, shape=(?,2)}";
    private const string Image = "x = Placeholder() {dtype=float, shape=(?,2,2,3)}";

    /// <summary>Two times two pixels.</summary>
    private static readonly byte[] Bitmap = Convert.FromHexString("424D460000000000000036000000280000000200000002000000010018000000000010000000130B0000130B000000000000000000000A141E28323C00000102030405060000");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("selection");

    public static TheoryData<string, int> Splits
    {
        get
        {
            var splits = new TheoryData<string, int>();
            foreach (string data in (string[])["rows.npz", "seven.tfrecord", "packed.tfrecord.gz", "seven.tar", "records", "all.list"])
            {
                foreach (int shards in (int[])[2, 3, 8])
                    splits.Add(data, shards);
            }
            return splits;
        }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void Each_sample_is_in_one_shard(string data, int shards)
    {
        WriteAll();
        float[] all = Firsts(Graph, data, SampleSelection.All);
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.True(all.Length >= 7);
        foreach (int most in (int[])[int.MaxValue, 5])
        {
            float[] taken = [.. Enumerable.Range(0, shards).SelectMany(index => Firsts(Graph, data, new() { Shard = new(index, shards), Most = most }))];
            Assert.Equal(all.Take(most).Order(), taken.Order());
        }
    }

    [Fact]
    public void Whole_files_are_dealt_where_there_are_enough()
    {
        WriteAll();
        float[] first = Firsts(Graph, "records", new() { Shard = new(0, 2) });
        Assert.Equal([0f, 1f, 2f], first.Order());
    }

    [Theory]
    [InlineData(Graph, "x", 5, 6)]
    [InlineData(Graph, "features", 5, 6)]
    [InlineData("a/x = Placeholder() {dtype=int32, shape=(?,2)}", "a__x", 5, 6)]
    [InlineData("x = Placeholder() {dtype=float, shape=(?,?)}", "x", 5, 6, 7, 8)]
    public void Numbers_of_an_Example_take_the_inputs_shape(string graph, string feature, params int[] numbers)
    {
        TfRecordWriter.Write(PathOf("d.tfrecord"), [TfRecordWriter.Example((feature, numbers.Select(number => (float)number).ToArray())), TfRecordWriter.Example((feature, numbers.Select(number => (long)number).ToArray()))]);
        var samples = Read(graph, "d.tfrecord");
        Assert.Equal(2, samples.Count);
        Assert.All(samples, sample => Assert.Equal(numbers.Select(number => (float)number), sample.Values.Single().ToSingles()));
        Assert.All(samples, sample => Assert.Equal($"[1,{numbers.Length}]", sample.Values.Single().Shape.ToString()));
    }

    [Fact]
    public void Bytes_of_an_Example_are_a_image_or_the_elements()
    {
        TfRecordWriter.Write(PathOf("d.tfrecord"), [TfRecordWriter.Example(("image/encoded", Bitmap)), TfRecordWriter.Example(("image/encoded", Enumerable.Range(1, 12).Select(i => (byte)i).ToArray()))]);
        var samples = Read(Image, "d.tfrecord?divide=2");
        Assert.Equal([1.5f, 1, 0.5f], samples[0]["x"].ToSingles()[..3]);
        Assert.Equal([0.5f, 1, 1.5f], samples[1]["x"].ToSingles()[..3]);
    }

    [Fact]
    public void Files_of_a_tar_with_one_name_are_a_sample()
    {
        WriteTar("d.tar", ("s/0.x.npy", Array(1)), ("s/0.cls", "3"u8.ToArray()), ("s/1.jpg", Bitmap), ("s/readme", []), ("s/2.npy", Array(2)), ("s/2.json", "{}"u8.ToArray()));
        Assert.Equal([1f, 2f], Firsts(Graph, "d.tar", new() { Bad = BadSamples.Unnoticed }));
        Assert.Single(Read(Image, "d.tar", new() { Bad = BadSamples.Unnoticed }));
    }

    [Fact]
    public void Addresses_of_a_list_are_read_and_their_signatures_stay_secret()
    {
        using var server = new HttpListener();
        string root = Listen(server);
        File.WriteAllText(PathOf("d.list"), $"{root}a.npy?signature=secret\n# a comment\n\n{root}b.npy?signature=secret\t7\n{root}missing.npy?signature=secret\n");
        var bad = new List<Diagnostic>();
        Assert.Equal([1f, 2f], Firsts(Graph, "d.list", new() { Bad = new(1, bad.Add) }));
        string message = Assert.Single(bad).Message;
        Assert.Contains("missing.npy", message, StringComparison.Ordinal);
        Assert.Contains("404", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        string before = SampleSources.Fingerprint(PathOf("d.list"));
        File.WriteAllText(PathOf("d.list"), File.ReadAllText(PathOf("d.list")).Replace("secret", "another", StringComparison.Ordinal));
        Assert.Equal(before, SampleSources.Fingerprint(PathOf("d.list")));
    }

    [Fact]
    public void A_list_of_any_name_follows_an_at_sign()
    {
        WriteAll();
        File.WriteAllText(PathOf("names.txt"), "rows.npz\n");
        Assert.Equal(7, Read(Graph, "@names.txt").Count);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "content", "record 1 of .* has a wrong checksum" },
        { "length", "record 1: .*checksum of a record's length" },
        { "end", "record 3: .*cannot be read" },
        { "text", "record 0: " },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_record_is_named_and_the_others_are_read(string damage, string message)
    {
        byte[][] records = [.. Enumerable.Range(0, 4).Select(i => TfRecordWriter.Example(("x", new float[] { i, 0 })))];
        TfRecordWriter.Write(PathOf("d.tfrecord"), records);
        byte[] file = File.ReadAllBytes(PathOf("d.tfrecord"));
        int record = file.Length / 4;
        file[damage == "content" ? record + 20 : damage == "length" ? record : 0] ^= (byte)(damage is "content" or "length" or "text" ? 1 : 0);
        File.WriteAllBytes(PathOf("d.tfrecord"), damage == "end" ? file[..^6] : file);
        Assert.Matches(message, Assert.Throws<FeedException>(() => Read(Graph, "d.tfrecord")).Message);
        float[] good = damage switch
        {
            "content" => [0, 2, 3],
            "length" => [0],
            "end" => [0, 1, 2],
            _ => [],
        };
        var bad = new BadSamples(1, _ => { });
        Assert.Equal(good, Firsts(Graph, "d.tfrecord", new() { Bad = bad }));
        Assert.Equal(1, bad.Count);
        var shards = Enumerable.Range(0, 3).Select(index => (Bad: new BadSamples(1, _ => { }), Index: index)).ToList();
        Assert.Equal(good, shards.SelectMany(shard => Firsts(Graph, "d.tfrecord", new() { Shard = new(shard.Index, 3), Bad = shard.Bad })).Order());
        Assert.Equal(1, shards.Sum(shard => shard.Bad.Count));
    }

    [Fact]
    public void Too_many_broken_samples_end_the_work()
    {
        foreach (int i in (int[])[0, 1, 2, 3])
            File.WriteAllText(PathOf($"{i}.npy"), "no array");
        File.WriteAllBytes(PathOf("good.npy"), Array(5));
        var named = new List<Diagnostic>();
        WorkException refusal = Assert.Throws<WorkException>(() => Read(Graph, ".", new() { Bad = new(3, named.Add) }));
        Assert.Equal("TFX5046", refusal.Diagnostic.Id);
        Assert.Equal(4, named.Count);
        Assert.All(named, diagnostic => Assert.Contains(".npy", diagnostic.Message, StringComparison.Ordinal));
        Assert.Equal([5f], Firsts(Graph, ".", new() { Bad = new(4, named.Add) }));
    }

    [Fact]
    public void Few_samples_are_read_ahead()
    {
        int read = 0, most = 0;
        foreach (int used in ReadAhead.InOrder(Enumerable.Range(0, 2000), i =>
        {
            Interlocked.Increment(ref read);
            return i;
        }))
            most = Math.Max(most, Volatile.Read(ref read) - used);
        Assert.InRange(most, 1, ReadAhead.MostInMemory);
    }

    [Theory]
    [InlineData("labelled.tfrecord")]
    [InlineData("labelled.tar")]
    [InlineData("labelled.list")]
    [InlineData("arrays")]
    public void Images_of_a_stream_come_with_their_classes_in_the_same_batches(string data)
    {
        WriteLabelled();
        LabelledImages images = Open(data);
        Assert.Null(images.Count);
        int[] all = [.. images.Batches(1).SelectMany(batch => batch.Labels)];
        Assert.Equal([0, 1, 2, 3, 4], all);
        string[] batches = [.. images.Batches(2).Select(Text)];
        Assert.Equal(3, batches.Length);
        Assert.Equal(batches.Order(), Enumerable.Range(0, 2).SelectMany(index => images.Batches(2, new() { Shard = new(index, 2) }).Select(Text)).Order());
        Assert.Equal(all, Enumerable.Range(0, 4).SelectMany(index => images.Batches(1, new() { Shard = new(index, 4) }).SelectMany(batch => batch.Labels)).Order());

        static string Text(LabelledBatch batch) => string.Join(',', batch.Labels) + batch.Images.Shape;
    }

    [Fact]
    public void Images_without_a_class_are_refused()
    {
        TfRecordWriter.Write(PathOf("d.tfrecord"), [TfRecordWriter.Example(("x", new float[] { 1, 2 }))]);
        Assert.Contains("has no class", Assert.Throws<FeedException>(() => Open("d.tfrecord").Batches(1).ToList()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private void WriteAll()
    {
        WriteRows("rows.npz", 7);
        TfRecordWriter.Write(PathOf("seven.tfrecord"), Records(0, 7));
        TfRecordWriter.Write(PathOf("packed.tfrecord.gz"), Records(0, 7), isPacked: true);
        WriteTar("seven.tar", [.. Enumerable.Range(0, 7).Select(i => ($"{i}.npy", Array(i)))]);
        Directory.CreateDirectory(PathOf("records"));
        foreach (int file in (int[])[0, 1, 2])
            TfRecordWriter.Write(PathOf($"records/part.tfrecord-0000{file}-of-00003"), file == 1 ? Records(3, 4) : Records(file == 0 ? 0 : 7, file == 0 ? 3 : 0), isPacked: file == 1);
        Directory.CreateDirectory(PathOf("single"));
        foreach (int i in Enumerable.Range(20, 4))
            File.WriteAllBytes(PathOf($"single/{i}.npy"), Array(i));
        File.WriteAllText(PathOf("all.list"), $"seven.tar\n{string.Join('\n', Enumerable.Range(20, 4).Select(i => $"single/{i}.npy"))}\n");
    }

    private void WriteLabelled()
    {
        int[] classes = [0, 1, 2, 3, 4];
        TfRecordWriter.Write(PathOf("labelled.tfrecord"), classes.Select(i => TfRecordWriter.Example(("x", new float[] { i, i }), ("image/class/label", new long[] { i }))));
        WriteTar("labelled.tar", [.. classes.SelectMany(i => ((string, byte[])[])[($"{i}.npy", Array(i)), ($"{i}.cls", Encoding.UTF8.GetBytes($"{i}\n"))])]);
        foreach (int i in classes)
            TfRecordWriter.Write(PathOf($"{i}.tfrecord"), [TfRecordWriter.Example(("x", new float[] { i, i }), ("label", new long[] { i }))]);
        File.WriteAllText(PathOf("labelled.list"), string.Join('\n', classes.Select(i => $"{i}.tfrecord")));
        Directory.CreateDirectory(PathOf("arrays"));
        WriteRows("arrays/a.npz", 3);
        WriteRows("arrays/b.npz", 2, first: 3);
    }

    private static IEnumerable<byte[]> Records(int first, int count) => Enumerable.Range(first, count).Select(i => TfRecordWriter.Example(("x", new float[] { i, 0 })));

    private static byte[] Array(float first) => NpyFile.Write(Tensor.Create<float>(DataType.Float, TensorShape.Of(2), [first, 0]));

    private void WriteRows(string name, int rows, int first = 0)
    {
        using FileStream stream = File.Create(PathOf(name));
        NpzFile.Write(stream,
        [
            new("images", Tensor.Create<float>(DataType.Float, TensorShape.Of(rows, 2), [.. Enumerable.Range(first, rows).SelectMany(i => new float[] { i, 0 })])),
            new("labels", Tensor.Create<long>(DataType.Int64, TensorShape.Of(rows), [.. Enumerable.Range(first, rows).Select(i => (long)i)])),
        ]);
    }

    private void WriteTar(string name, params (string Name, byte[] Content)[] files)
    {
        using FileStream stream = File.Create(PathOf(name));
        using var writer = new TarWriter(stream);
        foreach (var (file, content) in files)
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(content) });
    }

    /// <summary>Serves a.npy and b.npy; the first request of each fails for a moment.</summary>
    private static string Listen(HttpListener server)
    {
        string root = $"http://127.0.0.1:{FreePort()}/";
        server.Prefixes.Add(root);
        server.Start();
        var seen = new HashSet<string>();
        _ = Task.Run(async () =>
        {
            while (server.IsListening)
            {
                HttpListenerContext request = await server.GetContextAsync();
                string path = request.Request.Url!.AbsolutePath;
                byte[] content = Array(path == "/a.npy" ? 1 : 2);
                request.Response.StatusCode = path == "/missing.npy" ? 404 : seen.Add(path) ? 503 : 200;
                if (request.Response.StatusCode == 200)
                    request.Response.OutputStream.Write(content);
                request.Response.Close();
            }
        });
        return root;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);

    private LabelledImages Open(string data)
    {
        var endpoints = new ModelEndpoints(GraphText.Parse(Graph), signature: null);
        return LabelledImages.Open(endpoints, GraphInputs.Resolve(endpoints, name: null), PathOf(data));
    }

    private float[] Firsts(string graph, string data, SampleSelection selection) => [.. Read(graph, data, selection).Select(sample => sample.Values.Single().ToSingles()[0])];

    private List<IReadOnlyDictionary<string, Tensor>> Read(string graph, string data, SampleSelection? selection = null)
    {
        var endpoints = new ModelEndpoints(GraphText.Parse(graph), signature: null);
        string value = data.StartsWith('@') ? "@" + PathOf(data[1..]) : PathOf(data);
        return [.. SampleData.Read(endpoints, GraphInputs.ResolveAll(endpoints, list: null).Tensors(), value, selection)];
    }
}
