using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>
/// A file that stays open and is read piece by piece: what <see cref="View"/> gives is read when it is looked at, so that weights need not be in memory as a file beside what is made of them.
/// <see cref="Slice"/> reads all of it. A file that was written meanwhile is refused.
/// </summary>
internal sealed partial class StreamedFile : ModelSourceFile
{
    /// <summary>Shorter stretches are read at once.</summary>
    private const int Long = 1 << 16;

    private const int WindowLength = 1 << 13;
    private const int BlockLength = 1 << 24;

    /// <summary>LOCK_UN of Unix.</summary>
    private const int Unlock = 8;

    private readonly SafeFileHandle handle;
    private readonly DateTime written;
    private readonly Lazy<byte[]> whole;
    private Window window = new(0, []);

    /// <summary>Opens a file that is not empty. Others may write it, which <see cref="Read(long, Span{byte})"/> notices.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public StreamedFile(string path)
    {
        Name = path;
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // .NET takes an advisory lock on Unix whatever is shared, which would keep its own writers out.
        if (!OperatingSystem.IsWindows())
            _ = Lock(handle, Unlock);
        Length = RandomAccess.GetLength(handle);
        written = File.GetLastWriteTimeUtc(handle);
        whole = new(() => Read(0, (int)Length));
    }

    public override string Name { get; }

    public override long Length { get; }

    public override ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        CheckStretch(offset, length);
        return whole.IsValueCreated || offset + length > Long ? whole.Value.AsMemory((int)offset, length) : View(offset, length);
    }

    public override ReadOnlyMemory<byte> View(long offset, int length)
    {
        CheckStretch(offset, length);
        if (whole.IsValueCreated)
            return whole.Value.AsMemory((int)offset, length);
        return length < Long ? Short(offset, length) : new StreamedMemory(this, offset, length).Memory;
    }

    /// <summary>Some bytes from an offset on, one at least.</summary>
    public ReadOnlyMemory<byte> Peek(long offset)
    {
        Window current = window;
        if (!current.Holds(offset, 1))
            window = current = new(offset, Read(offset, (int)Math.Min(WindowLength, Length - offset)));
        return current.From(offset);
    }

    /// <summary>Bytes of the file in an array of their own.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read, or was written since it was opened.</exception>
    public byte[] Read(long offset, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        Read(offset, bytes.AsSpan());
        return bytes;
    }

    /// <summary>Reads bytes of the file.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read, or was written since it was opened.</exception>
    public void Read(long offset, Span<byte> bytes)
    {
        try
        {
            for (int count, at = 0; at < bytes.Length; at += count)
            {
                count = RandomAccess.Read(handle, bytes.Slice(at, Math.Min(BlockLength, bytes.Length - at)), offset + at);
                if (count == 0)
                    throw Changed();
            }
            if (File.GetLastWriteTimeUtc(handle) != written)
                throw Changed();
        }
        catch (IOException error)
        {
            throw new ModelFormatException($"'{Name}' cannot be read: {error.Message}", error) { DiagnosticId = ToolkitDiagnostics.UnreadableFile.Id };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
    }

    private ReadOnlyMemory<byte> Short(long offset, int length)
    {
        if (length == 0)
            return default;
        if (length > WindowLength)
            return Read(offset, length);
        Window current = window;
        if (!current.Holds(offset, length))
            window = current = new(offset, Read(offset, (int)Math.Min(WindowLength, Length - offset)));
        return current.From(offset)[..length];
    }

    private void CheckStretch(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
    }

    private ModelFormatException Changed() => new($"'{Name}' was written while it was read")
    {
        DiagnosticId = ToolkitDiagnostics.UnreadableFile.Id,
        Suggestion = "Run it again when nothing else writes the file; replace a model that is in use by renaming another file over it.",
    };

    [LibraryImport("libc", EntryPoint = "flock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>Bytes that were read last.</summary>
    private sealed class Window(long offset, byte[] bytes)
    {
        public bool Holds(long from, int length) => from >= offset && from + length <= offset + bytes.Length;

        public ReadOnlyMemory<byte> From(long from) => bytes.AsMemory((int)(from - offset));
    }
}
