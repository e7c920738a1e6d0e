using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Text;

namespace Octant.Models;

/// <summary>
/// Lets TorchSharp load where the C++ library is older than the one it was built with (Debian 12, Ubuntu 22.04, RHEL 9).
/// Its native part needs the version name GLIBCXX_3.4.32 but no symbol of it, so a private copy marks that need as weak.
/// </summary>
static class NativeCompat
{
    const string Library = "libLibTorchSharp.so";
    const string UnmetVersion = "GLIBCXX_3.4.32";

    // The one moment that is before anybody's first tensor.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Install()
    {
        if (!OperatingSystem.IsLinux()) return;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == "LibTorchSharp" ? LoadWeakened() : 0;
    }

    static nint LoadWeakened()
    {
        if (Find(Library) is not { } original) return 0;
        foreach (var dependency in (string[])["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libtorch.so"])
            if (Find(dependency) is { } file) NativeLibrary.Load(file);

        var bytes = File.ReadAllBytes(original);
        ElfVersions.Weaken(bytes, UnmetVersion);
        return KeptCopy(bytes) is { } kept ? NativeLibrary.Load(kept) : LoadFromTemporaryCopy(bytes);
    }

    /// <summary>
    /// In the user's own folder. The same bytes always give the same file, renamed into place, so that processes that start
    /// together agree.
    /// </summary>
    /// <returns>null where there is no such folder, or it cannot be written to</returns>
    static string? KeptCopy(byte[] bytes)
    {
        var data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length == 0) return null;
        var name = $"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}-{Library}";
        var kept = Path.Combine(data, "octant", "native", name);
        try
        {
            // What another program left there is not ours to load.
            if (File.Exists(kept) && File.ReadAllBytes(kept).AsSpan().SequenceEqual(bytes)) return kept;
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            var draft = $"{kept}.{Guid.NewGuid():N}";
            File.WriteAllBytes(draft, bytes);
            File.Move(draft, kept, overwrite: true);
            return kept;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In a folder that nobody else can write to. Once loaded, the file need not be there any more.</summary>
    static nint LoadFromTemporaryCopy(byte[] bytes)
    {
        var folder = Directory.CreateTempSubdirectory("octant-");
        try
        {
            var copy = Path.Combine(folder.FullName, Library);
            File.WriteAllBytes(copy, bytes);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string? Find(string file) => ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? AppContext.BaseDirectory)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, file))
        .FirstOrDefault(File.Exists);
}

/// <summary>The version needs of a 64-bit little-endian ELF file (section type SHT_GNU_verneed).</summary>
static class ElfVersions
{
    const uint VersionNeeds = 0x6ffffffe;
    const byte Weak = 2;                                    // VER_FLG_WEAK

    public static void Weaken(Span<byte> elf, string version)
    {
        var (table, entrySize, count) = (Int64(elf, 0x28), Int16(elf, 0x3A), Int16(elf, 0x3C));
        for (var i = 0; i < count; i++)
        {
            var section = elf[(int)(table + i * entrySize)..];
            if ((uint)Int32(section, 4) != VersionNeeds) continue;
            var strings = (int)Int64(elf, (int)table + Int32(section, 0x28) * entrySize + 0x18);
            for (int need = (int)Int64(section, 0x18), next = -1; next != 0; need += next)
            {
                next = Int32(elf, need + 12);               // vn_next
                var aux = need + Int32(elf, need + 8);      // vn_aux
                for (var left = Int16(elf, need + 2); left > 0; left--)
                {
                    if (Name(elf, strings + Int32(elf, aux + 8)) == version) elf[aux + 4] |= Weak;
                    aux += Int32(elf, aux + 12);            // vna_next
                }
            }
        }
    }

    static string Name(ReadOnlySpan<byte> elf, int at) => Encoding.ASCII.GetString(elf[at..][..elf[at..].IndexOf((byte)0)]);
    static ushort Int16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
    static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
