/** Addresses that a hostile caller might give: what each is, and the many ways to spell it. */

/** Refused as they stand, before any look-up. */
export const hostileUrls: Record<string, readonly string[]> = {
  "IPv4, plain": hosts(`
    127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.5 172.16.0.1 172.31.255.254 192.168.1.1 169.254.169.254 169.254.130.1
    168.63.129.16 100.64.0.1 100.100.100.200 192.0.0.192 198.18.0.1 192.0.2.1 198.51.100.7 203.0.113.9
    192.88.99.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 93.184.215.14
  `),
  "IPv4, decimal": hosts(`
    2130706433 2852039166 2822734096 3232235777 167772161 4294967295
  `),
  "IPv4, octal": hosts(`
    0177.0.0.1 0177.0.0.01 00000177.0.0.1 017700000001 0251.0376.0251.0376
  `),
  "IPv4, hexadecimal": hosts(`
    0x7f.0.0.1 0x7f000001 0x7F.0X0.0x0.0x1 0xa9fea9fe 0xA9.0xFE.0xA9.0xFE
  `),
  "IPv4, short": hosts(`
    127.1 127.0.1 10.1 192.168.257 169.254.43518 0x7f.1 0
  `),
  "IPv4, mixed": hosts(`
    0x7f.0.0.01 127.0x0.00.1 0251.254.0xa9.254 169.0376.43518 0xa9.16689662
  `),
  "IPv4, escaped or in other digits": [
    ...hosts(`
    %31%32%37.0.0.1 127%2e0%2e0%2e1 １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 169．254．169．254 127｡0｡0｡1
    𝟏𝟔𝟗.𝟐𝟓𝟒.𝟏𝟔𝟗.𝟐𝟓𝟒 0ｘ7f.1
  `),
    over("127.0.0.1\u00ad"),
  ],
  "IPv4, with a trailing dot": hosts(`
    127.0.0.1. 169.254.169.254. 2130706433. 0x7f.1.
  `),
  "IPv6, plain": hosts(`
    [::1] [::] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [fe80::1] [fc00::1] [fd00:ec2::254]
    [fd20:ce::254] [fec0::1] [ff02::1] [100::1] [2001:db8::1] [3fff::1] [5f00::1] [2001:2::1]
    [2606:4700:4700::1111]
  `),
  "IPv6, mapped from IPv4": hosts(`
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:a83f:8110]
    [0:0:0:0:0:ffff:10.0.0.1] [::ffff:0:127.0.0.1]
  `),
  "IPv6, compatible with IPv4": hosts(`
    [::127.0.0.1] [::7f00:1] [::169.254.169.254] [::a83f:8110]
  `),
  "IPv6, translated to IPv4": hosts(`
    [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::a00:1] [64:ff9b:1:ffff::7f00:1]
  `),
  "IPv6, tunnelled over IPv4": hosts(`
    [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:a83f:8110::1] [2001:0:4136:e378:8000:63bf:80ff:fffe] [2001::1]
  `),
  "IPv6 with a zone": hosts(`
    [fe80::1%25eth0] [fe80::1%eth0] [::1%251] [2606:4700::1%25lo]
  `),
  "names without a dot": hosts(`
    localhost LOCALHOST metadata wireserver kubernetes app xn--mgba3a
  `),
  "names of this machine or network": hosts(`
    localhost.localdomain foo.localhost a.b.localhost printer.local nas.lan router.home router.home.arpa
    1.0.0.127.in-addr.arpa wiki.corp db.internal metadata.google.internal host.docker.internal vm.private
    portal.intranet a.test a.invalid a.onion METADATA.INTERNAL
  `),
  "names with a trailing dot": hosts(`
    localhost. metadata.google.internal. pictures.example.
  `),
  "names in other letters": [
    ...hosts(`
    ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ⅼocaⅼhost metadata.google。internal
  `),
    over("loc\u00adalhost"),
  ],
  "names that are none": [
    ...hosts(`
    . .. a..example .example a%00.example a<b.example [::1 1.2.3.4.5 256.256.256.256 a.1
  `),
    over("a b.example"),
  ],
  "user names and passwords": [
    ...list(`
    https://pictures.example@127.0.0.1/ https://127.0.0.1@pictures.example/ https://ann:s3cret@pictures.example/
    https://:s3cret@pictures.example/ https://pictures.example:443@169.254.169.254/ https://a@b@127.0.0.1/
    https://pictures.example%40x@127.0.0.1/ https://pictures.example%2f@[::1]/
    http://ann:s3cret@allowed.example:9000/
  `),
    "https://127.0.0.1\\@pictures.example/",
  ],
  "other schemes": list(`
    http://pictures.example/cat.png file:///etc/passwd file://pictures.example/cat.png
    ftp://pictures.example/cat.png gopher://127.0.0.1:6379/_INFO data:image/png;base64,iVBORw0KGgo=
    javascript:alert(1) ws://pictures.example/ wss://pictures.example/ dict://127.0.0.1:11211/stats
    ldap://127.0.0.1/ sftp://pictures.example/ tftp://127.0.0.1/x jar:https://pictures.example!/a.png
    about:blank mailto:ann@pictures.example urn:pictures:example unix:/var/run/docker.sock
    blob:https://pictures.example/1 blob:http://allowed.example:9000/1 view-source:https://pictures.example/
    HTTP://pictures.example/ x-https://pictures.example/ netdoc:///etc/hosts phar://pictures.example/a
  `),
  "odd ports": [
    ...list(`
    https://pictures.example:80/ https://pictures.example:22/ https://pictures.example:25/
    https://pictures.example:444/ https://pictures.example:4430/ https://pictures.example:6379/
    https://pictures.example:8080/ https://pictures.example:8443/ https://pictures.example:10250/
    https://pictures.example:32526/ https://pictures.example:65535/ https://pictures.example:0/
    https://pictures.example:65536/ https://pictures.example:-443/ http://pictures.example:443/
  `),
    "https://pictures.example:4 43/",
  ],
  "addresses that lean on the allow-list": list(`
    http://allowed.example/ http://allowed.example:9001/ ftp://allowed.example:9000/
    https://allowed.example:9000/ http://allowed.example:9000.evil.example/ http://allowed.example.:9000/
    http://x.allowed.example:9000/ http://allowed.example:9000@127.0.0.1/
  `),
  "no addresses at all": [
    ...list(`
    https https: https:// //pictures.example/cat.png /cat.png pictures.example/cat.png http//x
  `),
    "",
    " ",
    "\u0000",
  ],
  "backslashes, missing and surplus slashes": [
    ...list(`
    https:127.0.0.1 https:/127.0.0.1/ https:////127.0.0.1/
  `),
    "https:\\\\127.0.0.1\\",
    "\thttps://127.0.0.1/\n",
    "ht\ntps://127.0.\t0.1/",
  ],
  "too long": [
    `https://pictures.example/${"a".repeat(2_048)}`,
    `https://pictures.example/#${"a".repeat(2_048)}`,
  ],
};

export const hostileUrlList = Object.values(hostileUrls).flat();

/**
 * One of each kind, for those who pass the question on: that they ask is shown by one. Every spelling is asked where the answer
 * is given (test/unit/domain/web-address, test/unit/adapters/net/public-address), and of links, whose rule is another, in
 * test/adapter/link-fetcher.
 */
export const hostileUrlSample = oneOfEach(hostileUrls);

/** What a name server may answer for a name that looks like any other. */
export const forbiddenAddresses: Record<string, readonly string[]> = {
  "this machine": list(`
    127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 ::1 ::
  `),
  "private networks": list(`
    10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 fc00::1 fdff::1 fec0::1
  `),
  "metadata, of every cloud": list(`
    169.254.169.254 169.254.130.1 169.254.0.1 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254
    fd20:ce::254 fe80::1 fe80::1%eth0
  `),
  "carriers' networks": list(`
    100.64.0.0 100.127.255.255
  `),
  "benchmarks and documentation": list(`
    198.18.0.1 198.19.255.255 192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1 2001:2::1
  `),
  "many machines, or none": list(`
    224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 ff02::1 ff0e::1 100::1 4000::1 e000::1 5f00::1
  `),
  "for protocols": list(`
    192.0.0.1 192.88.99.1 192.31.196.1 192.52.193.1 192.175.48.1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1
    2620:4f:8000::1
  `),
  "IPv4 in disguise": list(`
    ::ffff:127.0.0.1 ::ffff:93.184.215.14 ::ffff:a83f:8110 ::127.0.0.1 ::a83f:8110 ::5db8:d70e ::ffff:0:7f00:1
    64:ff9b::7f00:1 64:ff9b::5db8:d70e 64:ff9b:1::1 2002:7f00:1::1 2002:5db8:d70e::1 2001:0:4136:e378::1
  `),
  "no addresses": [
    "",
    "93.184.215.14 ",
    ...list("localhost 0x7f.1 127.1 2130706433 010.0.0.1 [::1] 2606:4700::1%lo"),
  ],
};

export const forbiddenAddressSample = oneOfEach(forbiddenAddresses);

/** Names that anyone may register or that answer with whatever number stands in them. */
export const rebindingNames: Record<string, readonly string[]> = {
  "127.0.0.1.nip.io": ["127.0.0.1"],
  "10-0-0-1.sslip.io": ["10.0.0.1"],
  "169.254.169.254.nip.io": ["169.254.169.254"],
  "a9fea9fe.nip.io": ["169.254.169.254"],
  "localtest.me": ["127.0.0.1", "::1"],
  "lvh.me": ["127.0.0.1"],
  "wireserver.attacker.example": ["168.63.129.16"],
  "vm.internal.cloudapp.net": ["10.0.0.4"],
  "public-then-private.example": ["93.184.215.14", "127.0.0.1"],
  "private-then-public.example": ["127.0.0.1", "93.184.215.14"],
  "public-then-mapped.example": ["93.184.215.14", "::ffff:7f00:1"],
  "one-of-many.example": ["93.184.215.14", "93.184.215.15", "2606:4700::1111", "10.0.0.1"],
  "beyond-those-tried.example": [...Array<string>(20).fill("93.184.215.14"), "169.254.169.254"],
  "xn--pctures-k2a.example": ["192.168.0.1"],
  "_dmarc.attacker.example": ["172.16.0.1"],
};

/** Where a server that was let in might send us on. */
export const hostileRedirects: readonly string[] = [
  ...list(`
  http://169.254.169.254/metadata/instance https://169.254.169.254/ http://168.63.129.16/machine?comp=goalstate
  http://127.0.0.1:1/ http://127.0.0.1/ https://127.0.0.1/ http://localhost/ http://[::1]/
  http://[::ffff:127.0.0.1]/ http://2130706433/ http://0x7f.1/ //169.254.169.254/
  https://pictures.example/cat.png file:///etc/passwd gopher://127.0.0.1:6379/_INFO
  data:image/png;base64,iVBORw0KGgo= ftp://127.0.0.1/ javascript:alert(1) http:// http://[
`),
  "\\\\169.254.169.254\\",
  "http://a b/",
];

export const redirectStatuses = [301, 302, 303, 307, 308] as const;

function oneOfEach(kinds: Record<string, readonly string[]>): string[] {
  return Object.values(kinds).flatMap((kind) => kind.slice(0, 1));
}

function list(text: string): string[] {
  return text.trim().split(/\s+/);
}

function hosts(text: string): string[] {
  return list(text).map(over);
}

/** The path and the query are there to see that no message repeats them. */
function over(host: string): string {
  return `https://${host}/cat.png?sig=s3cret`;
}
