using Microsoft.Win32.SafeHandles;
using TransformFramework.Engine.Files;

namespace TransformFramework.Engine.Tests.Files;

public sealed class DiskFlushTests : IDisposable
{
    private const nint NotOpen = 1 << 20;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("disk-flush");

    [Fact]
    public void Files_and_folders_are_flushed()
    {
        string path = Path.Combine(folder.FullName, "x.pb");
        File.WriteAllText(path, "content");
        DiskFlush.File(path);
        DiskFlush.Folder(folder.FullName);
        Assert.Equal("content", File.ReadAllText(path));
    }

    [Fact]
    public void A_refusal_of_the_system_is_told()
    {
        using var closed = new SafeFileHandle(NotOpen, ownsHandle: false);
        Assert.ThrowsAny<IOException>(() => DiskFlush.File(closed));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
