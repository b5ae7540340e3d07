using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Archives in which a model is looked for: .zip, .tar and .tar.gz, of which every file is opened.</summary>
internal sealed class ArchiveTarget : FuzzTarget
{
    private const int HeaderSize = 512;
    private const int ChecksumOffset = 148;
    private const int ChecksumLength = 8;

    private static readonly (string Name, byte[] Content)[] Files = [("m/saved_model.pb", [8, 1]), ("m/variables/variables.index", new byte[64]), ("m/variables/variables.data-00000-of-00001", [.. Enumerable.Range(0, 700).Select(i => (byte)i)])];

    public override string Name => "archive";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [new("zip", [("x.zip", Zip())]), new("tar", [("x.tar", Tar())]), new("gzip", [("x.tar.gz", Gzip(Tar()))])];

    /// <summary>A header of a .tar gets its checksum again; a .tar.gz is changed before it is compressed.</summary>
    public override Seed Mutate(Seed seed, Random random)
    {
        if (seed.Name == "zip" || random.Next(4) == 0)
            return base.Mutate(seed, random);
        byte[] tar = [.. Seeds[1].Files[0].Bytes];
        for (int count = random.Next(1, 4); count > 0; count--)
            ChangeHeader(tar, random);
        return seed.With(0, seed.Name == "gzip" ? Gzip(tar) : tar);
    }

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        var (name, bytes) = seed.Files[0];
        try
        {
            using var file = new BufferedFile(bytes, name);
            using ArchiveSource? archive = ArchiveSource.TryOpen(file, name, cancellation);
            if (archive is null)
                return FuzzOutcome.Unrecognized;
            foreach (string entry in archive.Names)
                archive.Find(entry)!.OpenRead().CopyTo(Stream.Null);
            return FuzzOutcome.Read;
        }
        catch (ModelFormatException)
        {
            return FuzzOutcome.Recognized;
        }
    }

    private static void ChangeHeader(byte[] tar, Random random)
    {
        int[] headers = [.. Enumerable.Range(0, tar.Length / HeaderSize).Select(block => block * HeaderSize).Where(at => tar.AsSpan(at + 257).StartsWith("ustar"u8))];
        if (headers.Length == 0)
            return;
        Span<byte> header = tar.AsSpan(headers[random.Next(headers.Length)], HeaderSize);
        byte[] changed = ByteMutation.Apply(header.ToArray(), random);
        changed.AsSpan(0, Math.Min(changed.Length, HeaderSize)).CopyTo(header);
        header.Slice(ChecksumOffset, ChecksumLength).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[ChecksumOffset..]);
    }

    private static byte[] Zip()
    {
        using var written = new MemoryStream();
        using (var archive = new ZipArchive(written, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in Files)
            {
                using Stream entry = archive.CreateEntry(name, content.Length > 100 ? CompressionLevel.Optimal : CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return written.ToArray();
    }

    private static byte[] Tar()
    {
        using var written = new MemoryStream();
        using (var writer = new TarWriter(written, leaveOpen: true))
        {
            foreach (var (name, content) in Files)
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return written.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var written = new MemoryStream();
        using (var gzip = new GZipStream(written, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return written.ToArray();
    }
}
