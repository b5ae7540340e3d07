using System.Formats.Tar;
using System.IO.Compression;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>The files of an archive by name. Sizes are bounded: see <see cref="MostRatio"/>.</summary>
internal abstract class ArchiveContent : IDisposable
{
    /// <summary>Content of more than <see cref="AlwaysAllowed"/> bytes may be this many times as large as the archive.</summary>
    public const long MostRatio = 200;

    /// <summary>Size of content that is allowed whatever the archive's size.</summary>
    public const long AlwaysAllowed = 1L << 30;

    private static readonly string[] Ignored = ["__MACOSX/", ".DS_Store", "._"];

    /// <summary>Names of the regular files, with <c>/</c> between parts.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Opens a file; the caller owns it.</summary>
    /// <exception cref="ModelFormatException">The archive is damaged at the file.</exception>
    public abstract ModelSourceFile Open(string name);

    public abstract void Dispose();

    /// <summary>Recognizes an archive by its content.</summary>
    /// <exception cref="ModelFormatException">The archive is damaged, or holds what is refused.</exception>
    public static ArchiveContent? TryOpen(ModelSourceFile file, string path, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> head = file.Slice(0, (int)Math.Min(file.Length, 512)).Span;
        try
        {
            if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8))
                return new ZipContent(file, path, cancellation);
            if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
                return OfGzip(file, path, cancellation);
            return IsTar(head) ? new TarContent(file, path, owned: null, cancellation) : null;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or OverflowException or FormatException or ArgumentException or NotSupportedException or IOException)
        {
            throw Damaged(path, error.Message, error);
        }
    }

    /// <summary>An exception that names the archive.</summary>
    protected static ModelFormatException Damaged(string path, string why, Exception? inner = null) =>
        new($"the archive '{path}' cannot be read: {why}", inner) { DiagnosticId = ToolkitDiagnostics.BadArchive.Id, Suggestion = "Download or pack it again, or unpack it and give the model's path." };

    /// <summary>The name of an entry; null for one that is not the model's.</summary>
    /// <exception cref="ModelFormatException">The name leads out of the archive.</exception>
    protected static string? NameOf(string path, string entry)
    {
        string name = entry.Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name[2..];
        if (name.StartsWith('/') || name.Contains(':', StringComparison.Ordinal) || name.Split('/').Contains(".."))
            throw Refused(path, $"its entry '{entry}' leads out of the archive");
        return name.Length == 0 || name.EndsWith('/') || Ignored.Any(ignored => name.StartsWith(ignored, StringComparison.Ordinal) || Path.GetFileName(name).StartsWith(ignored, StringComparison.Ordinal)) ? null : name;
    }

    /// <summary>An exception for an archive that is refused.</summary>
    protected static ModelFormatException Refused(string path, string why) =>
        new($"the archive '{path}' is refused: {why}") { DiagnosticId = ToolkitDiagnostics.BadArchive.Id, Suggestion = "If you trust it, unpack it and give the model's path." };

    /// <summary>Refuses content that is out of proportion.</summary>
    protected static void CheckSize(string path, long unpacked, long packed)
    {
        if (unpacked > AlwaysAllowed && unpacked / MostRatio > packed)
            throw Refused(path, $"its {packed} bytes unpack to {unpacked} or more");
    }

    private static ArchiveContent? OfGzip(ModelSourceFile file, string path, CancellationToken cancellation)
    {
        using var unpacking = new GZipStream(file.OpenRead(), CompressionMode.Decompress);
        byte[] head = new byte[512];
        int read = unpacking.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (!IsTar(head.AsSpan(0, read)))
            return null;
        using var again = new GZipStream(file.OpenRead(), CompressionMode.Decompress);
        ModelSourceFile tar = UnpackedFile.Of(again, path, total => CheckSize(path, total, file.Length), cancellation);
        try
        {
            return new TarContent(tar, path, tar, cancellation);
        }
        catch
        {
            tar.Dispose();
            throw;
        }
    }

    private static bool IsTar(ReadOnlySpan<byte> head) => head.Length >= 262 && head[257..262].SequenceEqual("ustar"u8);

    /// <summary>Entries of a zip; each is unpacked when it is opened.</summary>
    private sealed class ZipContent : ArchiveContent
    {
        private readonly ZipArchive archive;
        private readonly Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);
        private readonly string path;
        private readonly CancellationToken cancellation;

        public ZipContent(ModelSourceFile file, string path, CancellationToken cancellation)
        {
            this.path = path;
            this.cancellation = cancellation;
            archive = new(file.OpenRead(), ZipArchiveMode.Read);
            if (archive.Entries.Count > FileSystemSource.MostFiles)
                throw Refused(path, $"it holds more than {FileSystemSource.MostFiles} files");
            long total = 0;
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                if ((entry.ExternalAttributes >> 16 & 0xF000) == 0xA000)
                    throw Refused(path, $"its entry '{entry.FullName}' is a link");
                if (NameOf(path, entry.FullName) is not { } name)
                    continue;
                total = checked(total + entry.Length);
                entries[name] = entry;
            }
            CheckSize(path, total, file.Length);
            Names = [.. entries.Keys];
        }

        public override IReadOnlyList<string> Names { get; }

        public override ModelSourceFile Open(string name)
        {
            ZipArchiveEntry entry = entries[name];
            try
            {
                using Stream unpacking = entry.Open();
                return UnpackedFile.Of(unpacking, $"{path}/{name}", total =>
                {
                    if (total > entry.Length)
                        throw Damaged(path, $"'{name}' is longer than its entry says");
                }, cancellation);
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException or NotSupportedException)
            {
                throw Damaged(path, $"'{name}': {error.Message}", error);
            }
        }

        public override void Dispose() => archive.Dispose();
    }

    /// <summary>Entries of a tar, which are stretches of its file.</summary>
    private sealed class TarContent : ArchiveContent
    {
        private readonly ModelSourceFile file;
        private readonly ModelSourceFile? owned;
        private readonly string path;
        private readonly Dictionary<string, (long Offset, long Length)> entries = new(StringComparer.Ordinal);

        public TarContent(ModelSourceFile file, string path, ModelSourceFile? owned, CancellationToken cancellation)
        {
            this.file = file;
            this.path = path;
            this.owned = owned;
            using var reader = new TarReader(file.OpenRead());
            int count = 0;
            while (reader.GetNextEntry() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                if (++count > FileSystemSource.MostFiles)
                    throw Refused(path, $"it holds more than {FileSystemSource.MostFiles} files");
                if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                    throw Refused(path, $"its entry '{entry.Name}' is a link");
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || NameOf(path, entry.Name) is not { } name)
                    continue;
                if (entry.Length > 0 && (entry.DataOffset < 0 || entry.DataOffset > file.Length - entry.Length))
                    throw Damaged(path, $"'{name}' is cut short");
                entries[name] = (Math.Max(entry.DataOffset, 0), entry.Length);
            }
            Names = [.. entries.Keys];
        }

        public override IReadOnlyList<string> Names { get; }

        public override ModelSourceFile Open(string name) => new FileStretch(file, entries[name].Offset, entries[name].Length, $"{path}/{name}");

        public override void Dispose() => owned?.Dispose();
    }
}
